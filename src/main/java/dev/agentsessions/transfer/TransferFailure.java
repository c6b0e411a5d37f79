package dev.agentsessions.transfer;

/**
 * Why a command can't go on. The text is for whoever gave the command; it has no content
 * of messages and no password.
 */
public class TransferFailure extends RuntimeException {

	public TransferFailure(String message) {
		super(message);
	}

	/** The arguments are wrong. */
	public static final class Usage extends TransferFailure {

		public Usage(String message) {
			super(message);
		}

	}

}
