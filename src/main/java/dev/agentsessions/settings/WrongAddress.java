package dev.agentsessions.settings;

import org.jspecify.annotations.Nullable;
import reactor.netty.ChannelBindException;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.web.server.PortInUseException;

/**
 * Says what to set when the service cannot listen where it should, for another reason
 * than that somebody else does.
 */
final class WrongAddress extends AbstractFailureAnalyzer<ChannelBindException> {

	@Override
	protected @Nullable FailureAnalysis analyze(Throwable root, ChannelBindException cause) {
		return (findCause(root, PortInUseException.class) != null) ? null : new FailureAnalysis(
				"The service can't listen at " + cause.localHost() + ":" + cause.localPort() + ": " + root.getMessage()
						+ ".",
				"Have SERVER_ADDRESS, or MANAGEMENT_SERVER_ADDRESS, be an address of this machine; 0.0.0.0 is all of them.",
				cause);
	}

}
