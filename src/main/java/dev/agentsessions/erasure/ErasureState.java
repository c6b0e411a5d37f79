package dev.agentsessions.erasure;

/**
 * How far an erasure has come.
 */
enum ErasureState {

	/** Sessions are being put out of reach. */
	MARKING,

	/** All are out of reach, and their rows are being removed. */
	REMOVING,

	/** Nothing is left of them. */
	DONE

}
