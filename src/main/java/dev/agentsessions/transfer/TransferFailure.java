package dev.agentsessions.transfer;

/**
 * Why a command can't go on. The text is for whoever gave the command; it has no content
 * of messages and no password.
 */
class TransferFailure extends RuntimeException {

	TransferFailure(String message) {
		super(message);
	}

	/** The arguments are wrong. */
	static final class Usage extends TransferFailure {

		Usage(String message) {
			super(message);
		}

	}

}
