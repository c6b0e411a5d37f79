package dev.agentsessions.access.key;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * The SHA-256 of a key. Keys are long and random, so they need neither salt nor a slow
 * hash. Equality takes the same time wherever two hashes differ.
 */
public final class Hash {

	private final byte[] bytes;

	Hash(byte[] bytes) {
		this.bytes = bytes;
	}

	public static Hash of(String key) {
		try {
			return new Hash(MessageDigest.getInstance("SHA-256").digest(key.getBytes(StandardCharsets.UTF_8)));
		}
		catch (NoSuchAlgorithmException ex) {
			throw new IllegalStateException("every Java platform has SHA-256", ex);
		}
	}

	public String hex() {
		return HexFormat.of().formatHex(this.bytes);
	}

	@Override
	public boolean equals(Object other) {
		return other instanceof Hash hash && MessageDigest.isEqual(this.bytes, hash.bytes);
	}

	@Override
	public int hashCode() {
		return ByteBuffer.wrap(this.bytes).getInt();
	}

	/** Says nothing: a hash is not to be found in a log either. */
	@Override
	public String toString() {
		return "Hash";
	}

}
