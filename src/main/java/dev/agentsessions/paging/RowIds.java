package dev.agentsessions.paging;

import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.util.HexFormat;
import java.util.concurrent.atomic.AtomicReferenceArray;

import javax.crypto.Cipher;
import javax.crypto.spec.SecretKeySpec;

import dev.agentsessions.database.DatabaseCalls;
import dev.agentsessions.problem.ProblemException;
import dev.agentsessions.problem.Problems;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.r2dbc.core.DatabaseClient;
import org.springframework.stereotype.Component;

/**
 * The ids of rows as clients see them, in positions, cursors and ETags. Ids count over
 * all tenants, so whoever sees them can tell how many rows others make; sealed they are
 * numbers without an order, the same on every replica. A position that an older version
 * gave out has the id itself, and is still understood: a sealed one is larger than any.
 * <p>
 * A permutation of 54-bit numbers by a secret that is kept in the database: four rounds
 * of a Feistel network whose round function is AES (Luby and Rackoff, "How to construct
 * pseudorandom permutations from pseudorandom functions", 1988). No longer than what an
 * older version takes as a position, so that followers may come back to one.
 */
@Component
public final class RowIds {

	private static final String ONE_BUCKET = "select secret from store_keys where name = 'row-ids'";

	private static final String ALL_BUCKETS = "select row_ids_secret from public.store_buckets";

	private static final int HALF = 27;

	private static final long HALF_MASK = (1L << HALF) - 1;

	private static final long SEALED = 1L << (2 * HALF);

	private static final int ROUNDS = 4;

	/** Of what was sealed lately, by the lowest bits of the id. */
	private static final int REMEMBERED = 4096;

	private final Mono<Void> loading;

	private final ThreadLocal<@Nullable Cipher> ciphers = new ThreadLocal<>();

	private final AtomicReferenceArray<@Nullable Pair> remembered = new AtomicReferenceArray<>(REMEMBERED);

	private volatile @Nullable SecretKeySpec secret;

	@Autowired
	RowIds(DatabaseCalls database, DatabaseClient client) {
		this(database.find(0,
				client.sql((database.buckets().count() == 1) ? ONE_BUCKET : ALL_BUCKETS).mapValue(String.class).one()));
	}

	/**
	 * Seals by this secret.
	 * @param secret 32 hexadecimal digits, asked for until they come
	 */
	public RowIds(Mono<String> secret) {
		this.loading = secret.doOnNext((hex) -> this.secret = new SecretKeySpec(HexFormat.of().parseHex(hex), "AES"))
			.then();
	}

	/**
	 * Goes on when ids can be sealed and opened: at once, but for the first time. Errors:
	 * 503.
	 */
	public <T> Mono<T> whenReady(Mono<T> next) {
		return (this.secret != null) ? next : this.loading.then(next);
	}

	/** What a client is shown instead of an id; 0, which is no id, stays what it is. */
	public long seal(long id) {
		if (id == 0) {
			return 0;
		}
		int slot = (int) id & (REMEMBERED - 1);
		Pair last = this.remembered.get(slot);
		if (last == null || last.id() != id) {
			last = new Pair(id, SEALED | permute(id, true));
			this.remembered.set(slot, last);
		}
		return last.sealed();
	}

	/** The id that a client was shown in this way, or as it is by an older version. */
	public long open(long shown) {
		return (shown < SEALED) ? shown : permute(shown & (SEALED - 1), false);
	}

	/**
	 * The id in a cursor.
	 * @throws ProblemException (400) for one that is not sealed: in an ordered list it
	 * could be tried out how many there are
	 */
	public long openCursor(long shown) {
		if (shown < SEALED) {
			throw Cursor.wrong();
		}
		return open(shown);
	}

	private long permute(long number, boolean forwards) {
		long left = (number >>> HALF) & HALF_MASK;
		long right = number & HALF_MASK;
		for (int i = 0; i < ROUNDS; i++) {
			long next = left ^ round(forwards ? i : ROUNDS - 1 - i, right);
			left = right;
			right = next;
		}
		// the halves are exchanged, so that the same steps lead back
		return (right << HALF) | left;
	}

	private long round(int number, long half) {
		byte[] block = ByteBuffer.allocate(16).putLong(number).putLong(half).array();
		try {
			return ByteBuffer.wrap(cipher().doFinal(block)).getLong() & HALF_MASK;
		}
		catch (GeneralSecurityException ex) {
			throw new IllegalStateException(ex);
		}
	}

	private Cipher cipher() throws GeneralSecurityException {
		Cipher cipher = this.ciphers.get();
		if (cipher == null) {
			if (this.secret == null) {
				throw Problems.busy("The database has not been asked for this store's secret yet.");
			}
			cipher = Cipher.getInstance("AES/ECB/NoPadding");
			cipher.init(Cipher.ENCRYPT_MODE, this.secret);
			this.ciphers.set(cipher);
		}
		return cipher;
	}

	private record Pair(long id, long sealed) {
	}

}
