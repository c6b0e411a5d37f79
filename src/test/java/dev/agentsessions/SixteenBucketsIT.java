package dev.agentsessions;

import org.junit.platform.suite.api.AfterSuite;
import org.junit.platform.suite.api.BeforeSuite;
import org.junit.platform.suite.api.SelectClasses;
import org.junit.platform.suite.api.Suite;

/**
 * What looks over all sessions, or at two, once more on a store of 16 buckets.
 */
@Suite
@SelectClasses(names = { "dev.agentsessions.session.SessionListContractTest",
		"dev.agentsessions.session.SessionFiltersContractTest", "dev.agentsessions.agent.AgentContextsContractTest",
		"dev.agentsessions.fork.ForkContractTest", "dev.agentsessions.retention.PurgeContractTest",
		"dev.agentsessions.erasure.ErasureContractTest", "dev.agentsessions.search.SearchContractTest",
		"dev.agentsessions.turn.TurnContractTest", "dev.agentsessions.tail.TailsContractTest" })
class SixteenBucketsIT {

	@BeforeSuite
	static void beginWithStoresOfSixteen() {
		TestStore.useBuckets("16");
	}

	@AfterSuite
	static void goOnAsBefore() {
		TestStore.useBuckets(TestStore.BUCKETS);
	}

}
