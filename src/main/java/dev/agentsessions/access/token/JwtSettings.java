package dev.agentsessions.access.token;

import java.util.Set;

import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.NotEmpty;

import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.security.oauth2.jose.jws.SignatureAlgorithm;

/**
 * Which tokens are believed, and what they say.
 *
 * @param issuer the URL of the identity provider; its keys are found through OpenID
 * Connect discovery, and <code>iss</code> must be equal to it
 * @param jwkSetUri where the keys are, if discovery is not to be used
 * @param audience what <code>aud</code> must contain: the name of this service at the
 * identity provider; <code>*</code> if tokens for any other service are to be believed
 * too
 * @param algorithms signatures that are accepted, whatever a token or key set says,
 * separated by commas: <code>RS…</code>, <code>PS…</code>, <code>ES…</code>
 * @param tenantClaim the claim with the tenant's name; dots lead into objects
 * @param rolesClaim the claim with the roles: a list, or text with spaces between them
 * @param userRole the role that is <code>user</code> here
 * @param adminRole the role that is <code>admin</code> here
 */
public record JwtSettings(@DefaultValue("") String issuer, @DefaultValue("") String jwkSetUri,
		@DefaultValue("") String audience,
		@DefaultValue("RS256") @NotEmpty(message = FILLED) Set<SignatureAlgorithm> algorithms,
		@DefaultValue("tenant") @NotBlank(message = FILLED) String tenantClaim,
		@DefaultValue("roles") @NotBlank(message = FILLED) String rolesClaim,
		@DefaultValue("user") @NotBlank(message = FILLED) String userRole,
		@DefaultValue("admin") @NotBlank(message = FILLED) String adminRole) {

	private static final String FILLED = "must not be empty";

	/** Whether tokens for any other service are believed too. */
	boolean anyAudience() {
		return this.audience.equals("*");
	}

}
