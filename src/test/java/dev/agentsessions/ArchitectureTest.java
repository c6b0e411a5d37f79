package dev.agentsessions;

import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZonedDateTime;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BiPredicate;
import java.util.stream.Stream;

import dev.agentsessions.access.Tenants;
import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaPackage;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import dev.agentsessions.database.lane.operation.LaneConnection;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

import org.springframework.boot.context.properties.ConfigurationProperties;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * What must never be imported. A package is a feature, or what all features stand on;
 * what is below a feature is one of its rooms.
 */
class ArchitectureTest {

	private static final String ROOT = "dev.agentsessions";

	private static final Set<String> FEATURES = Set.of("view", "session", "message", "agent", "write", "turn", "fork",
			"tail", "retention", "erasure", "search", "transfer", "docs", "console");

	/**
	 * The features that may import the rooms of others, not only what stands at the root.
	 */
	private static final Set<String> COMPOSE_ROOMS = Set.of("turn", "fork", "tail", "search", "transfer");

	private static final Set<String> FOUNDATIONS = Set.of("problem", "paging", "database", "web", "access",
			"connection", "tracing", "schedule", "settings");

	/** The features that a feature may import; those not named here may import any. */
	private static final Map<String, Set<String>> MAY_IMPORT = Map.of("view", Set.of(), "session",
			Set.of("view", "write"), "message", Set.of("view", "session", "write"), "agent",
			Set.of("view", "session", "write"), "write", Set.of("view", "session", "message", "agent"));

	private static final Set<String> WAITING = Set.of("block", "blockOptional", "blockFirst", "blockLast", "toIterable",
			"toStream");

	/** What a connection can do for its lane. */
	private static final Set<String> OF_A_LANE = Set.of("begins", "hurry", "lockWait", "mayHaveCommitted", "isOpen");

	private static final JavaClasses classes = new ClassFileImporter()
		.withImportOption(new ImportOption.DoNotIncludeTests())
		.importPackages(ROOT);

	@Test
	void everyPackageIsKnown() {
		assertThat(classes).isNotEmpty()
			.extracting(ArchitectureTest::part)
			.allMatch((part) -> part.isEmpty() || FEATURES.contains(part) || FOUNDATIONS.contains(part));
	}

	/** <code>SettingsCheck</code> finds them by that. */
	@Test
	void recordsOfSettingsAreCalledSo() {
		classes().that()
			.areAnnotatedWith(ConfigurationProperties.class)
			.should()
			.haveSimpleNameEndingWith("Settings")
			.check(classes);
	}

	@Test
	void whatFeaturesStandOnImportsNoFeatureAndFeaturesImportOnlyTheirs() {
		assertThat(
				imports((from,
						to) -> FEATURES.contains(part(to)) && !part(from).equals(part(to))
								&& (FOUNDATIONS.contains(part(from))
										|| !MAY_IMPORT.getOrDefault(part(from), FEATURES).contains(part(to)))))
			.isEmpty();
	}

	@Test
	void roomsAreEnteredOnlyByTheirOwnFeature() {
		assertThat(imports((from, to) -> FEATURES.contains(part(to)) && !part(from).equals(part(to)) && isInRoom(to)
				&& !COMPOSE_ROOMS.contains(part(from)) && !from.isEquivalentTo(AgentSessionStore.class)))
			.isEmpty();
	}

	@Test
	void repositoriesAndRoutesStayInTheirPackage() {
		assertThat(imports((from, to) -> !part(from).equals(part(to))
				&& (outermost(to).endsWith("Repository") || outermost(to).endsWith("Routes"))))
			.isEmpty();
	}

	/** An import has to know what tenants may be called. */
	@Test
	void onlyRoutesAskWhoMayCall() {
		assertThat(imports((from, to) -> part(to).equals("access") && !part(from).equals("access")
				&& !part(from).isEmpty() && !outermost(from).endsWith("Routes")
				&& !(part(from).equals("transfer") && to.isEquivalentTo(Tenants.class))))
			.isEmpty();
	}

	@Test
	void httpIsSpokenOnlyByRoutesAndWhatTheyShare() {
		noClasses().that(areNotRoutes())
			.and()
			.resideOutsideOfPackages(ROOT + ".problem..", ROOT + ".access..", ROOT + ".web..")
			.should()
			.dependOnClassesThat()
			.resideInAPackage("org.springframework.web.reactive.function.server..")
			.check(classes);
	}

	@Test
	void theDriverIsNamedOnlyWhereConnectionsAreMade() {
		noClasses().that()
			.resideOutsideOfPackages(ROOT + ".database..", ROOT + ".tail..")
			.should()
			.dependOnClassesThat()
			.resideInAPackage("io.r2dbc.postgresql..")
			.check(classes);
		noClasses().that()
			.resideOutsideOfPackage(ROOT + ".tail.wakeup")
			.should()
			.dependOnClassesThat()
			.resideInAPackage("io.nats..")
			.check(classes);
	}

	@Test
	void noRoomHasMoreThanADozenFiles() {
		Map<String, Set<String>> files = new TreeMap<>();
		classes.stream()
			.filter((type) -> !type.getSimpleName().equals("package-info"))
			.forEach((type) -> files.computeIfAbsent(type.getPackageName(), (name) -> new TreeSet<>())
				.add(outermost(type)));
		assertThat(files).isNotEmpty()
			.allSatisfy((room, names) -> assertThat(names).as(room).hasSizeLessThanOrEqualTo(12));
	}

	@Test
	void noTwoTypesHaveTheSameName() {
		assertThat(classes.stream()
			.map(JavaClass::getSimpleName)
			.filter((name) -> !name.isEmpty() && !name.equals("package-info"))).isNotEmpty().doesNotHaveDuplicates();
	}

	@Test
	void packagesHaveNoCycles() {
		slices().matching(ROOT + ".(**)").should().beFreeOfCycles().check(classes);
	}

	@Test
	void nothingWaits() {
		noClasses().should()
			.accessTargetWhere(access("waits for a publisher or a time",
					(owner, name) -> ((owner.isAssignableTo(Mono.class) || owner.isAssignableTo(Flux.class))
							&& WAITING.contains(name)) || (owner.isEquivalentTo(Thread.class) && name.equals("sleep"))))
			.check(classes);
	}

	/** A transaction that a caller cancels in the middle can undo somebody else's. */
	@Test
	void onlyLanesHaveTransactions() {
		noClasses().that()
			.doNotBelongToAnyOf(LaneConnection.class)
			.should()
			.accessTargetWhere(access("begins a transaction", (owner, name) -> name.equals("beginTransaction")))
			.orShould()
			.dependOnClassesThat()
			.resideInAPackage("org.springframework.transaction..")
			.check(classes);
	}

	/** An operation is given a connection for its work, not to look after it. */
	@Test
	void onlyALaneLooksAfterItsConnection() {
		noClasses().that()
			.resideOutsideOfPackage(ROOT + ".database.lane")
			.and()
			.doNotBelongToAnyOf(LaneConnection.class)
			.should()
			.accessTargetWhere(access("looks after a lane's connection",
					(owner, name) -> owner.isEquivalentTo(LaneConnection.class) && OF_A_LANE.contains(name)))
			.check(classes);
	}

	@Test
	void noClockButAnInjectedOneIsRead() {
		List<Class<?>> times = List.of(Instant.class, LocalDate.class, LocalDateTime.class, OffsetDateTime.class,
				ZonedDateTime.class);
		noClasses().should()
			.accessTargetWhere(access("reads the machine's clock",
					(owner, name) -> (name.equals("now") && times.stream().anyMatch(owner::isEquivalentTo))
							|| (name.equals("currentTimeMillis") && owner.isEquivalentTo(System.class))))
			.check(classes);
	}

	@Test
	void nothingIsPrintedButByCommands() {
		noClasses().that()
			.doNotBelongToAnyOf(AgentSessionStore.class)
			.should()
			.accessTargetWhere(access("prints",
					(owner, name) -> (owner.isEquivalentTo(System.class) && (name.equals("out") || name.equals("err")))
							|| (owner.isAssignableTo(Throwable.class) && name.equals("printStackTrace"))))
			.check(classes);
	}

	@Test
	void everyPackageIsNullMarked() {
		Stream<JavaPackage> packages = classes.stream().map(JavaClass::getPackage).distinct();
		assertThat(packages).isNotEmpty()
			.allMatch(
					(each) -> each.tryGetPackageInfo().filter((i) -> i.isAnnotatedWith(NullMarked.class)).isPresent());
	}

	/** Dependencies within the service, as ArchUnit describes them. */
	private List<String> imports(BiPredicate<JavaClass, JavaClass> forbidden) {
		return classes.stream()
			.flatMap((type) -> type.getDirectDependenciesFromSelf().stream())
			.filter((dependency) -> resideInAnyPackage(ROOT + "..")
				.test(dependency.getTargetClass().getBaseComponentType()))
			.filter((dependency) -> forbidden.test(dependency.getOriginClass(), dependency.getTargetClass()))
			.map(Dependency::getDescription)
			.toList();
	}

	private static DescribedPredicate<JavaAccess<?>> access(String description, BiPredicate<JavaClass, String> target) {
		return DescribedPredicate.describe(description,
				(access) -> target.test(access.getTargetOwner(), access.getTarget().getName()));
	}

	private static DescribedPredicate<JavaClass> areNotRoutes() {
		return DescribedPredicate.describe("are not *Routes", (type) -> !outermost(type).endsWith("Routes"));
	}

	/** The first package below the root; empty for the root itself. */
	private static String part(JavaClass type) {
		String rest = type.getBaseComponentType().getPackageName().substring(ROOT.length());
		return rest.isEmpty() ? "" : rest.substring(1).split("\\.")[0];
	}

	private static boolean isInRoom(JavaClass type) {
		return !type.getBaseComponentType().getPackageName().equals(ROOT + "." + part(type));
	}

	private static String outermost(JavaClass type) {
		JavaClass outermost = type.getBaseComponentType();
		while (outermost.getEnclosingClass().isPresent()) {
			outermost = outermost.getEnclosingClass().get();
		}
		return outermost.getSimpleName();
	}

}
