package dev.agentsessions.database;

/**
 * What a session is found by, whatever bucket it is in.
 */
public interface BucketKey {

	/**
	 * A number that is equal for equal keys, everywhere and for ever; others may have it,
	 * too.
	 */
	int number();

}
