package dev.agentsessions.access.filter;

import java.net.InetAddress;
import java.util.Locale;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.web.server.WebServer;
import org.springframework.boot.web.server.context.WebServerApplicationContext;
import org.springframework.context.ApplicationListener;
import org.springframework.stereotype.Component;

/**
 * Says at the end of a start where the service is, who may call, and where to read on.
 */
@Component
final class ReadyLine implements ApplicationListener<ApplicationReadyEvent> {

	private static final Logger log = LoggerFactory.getLogger(ReadyLine.class);

	private final AccessMode mode;

	ReadyLine(AccessMode mode) {
		this.mode = mode;
	}

	@Override
	public void onApplicationEvent(ApplicationReadyEvent event) {
		WebServer server = (event.getApplicationContext() instanceof WebServerApplicationContext web)
				? web.getWebServer() : null;
		if (server != null) {
			Binder settings = Binder.get(event.getApplicationContext().getEnvironment());
			InetAddress address = settings.bind("server.address", InetAddress.class).orElse(null);
			boolean everywhere = address == null || address.isAnyLocalAddress();
			String host = everywhere ? "localhost" : address.getHostAddress();
			String url = "http://" + (host.contains(":") ? "[" + host + "]" : host) + ":" + server.getPort();
			boolean console = settings.bind("store.console.enabled", Boolean.class).orElse(true);
			log.info(
					"Ready at {}{}; access is {}; {}the documentation is at {}/docs; health and metrics are at port {}",
					url, everywhere ? " and every other address of this machine" : "", text(this.mode),
					console ? "the console is at " + url + "/console; " : "", url,
					event.getApplicationContext().getEnvironment().getProperty("local.management.port", "none"));
		}
	}

	private static String text(AccessMode mode) {
		String name = mode.name().toLowerCase(Locale.ROOT).replace('_', '-');
		return switch (mode) {
			case OPEN -> name + " (whoever reaches it may do all)";
			case API_KEY -> name + " (callers need a key of STORE_ACCESS_KEYS_FILE)";
			case JWT -> name + " (callers need a token of the identity provider)";
		};
	}

}
