package dev.agentsessions.access.token;

import java.util.Set;

import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.security.oauth2.jose.jws.SignatureAlgorithm;

/**
 * Which tokens are believed, and what they say.
 *
 * @param issuer the URL of the identity provider; its keys are found through OpenID
 * Connect discovery, and <code>iss</code> must be equal to it
 * @param jwkSetUri where the keys are, if discovery is not to be used
 * @param audience what <code>aud</code> must contain: the name of this service at the
 * identity provider
 * @param anyAudience whether tokens for any other service are believed too, so that
 * <code>audience</code> may be empty
 * @param algorithms signatures that are accepted, whatever a token or key set says,
 * separated by commas: <code>RS…</code>, <code>PS…</code>, <code>ES…</code>
 * @param tenantClaim the claim with the tenant's name; dots lead into objects
 * @param rolesClaim the claim with the roles: a list, or text with spaces between them
 * @param userRole the role that is <code>user</code> here
 * @param adminRole the role that is <code>admin</code> here
 */
public record JwtSettings(@DefaultValue("") String issuer, @DefaultValue("") String jwkSetUri,
		@DefaultValue("") String audience, @DefaultValue("false") boolean anyAudience,
		@DefaultValue("RS256") Set<SignatureAlgorithm> algorithms, @DefaultValue("tenant") String tenantClaim,
		@DefaultValue("roles") String rolesClaim, @DefaultValue("user") String userRole,
		@DefaultValue("admin") String adminRole) {

	public JwtSettings {
		if (algorithms.isEmpty() || tenantClaim.isBlank() || rolesClaim.isBlank()) {
			throw new IllegalArgumentException(
					"store.access.jwt: algorithms, tenant-claim and roles-claim must not be empty");
		}
		if (userRole.isBlank() || adminRole.isBlank()) {
			throw new IllegalArgumentException("store.access.jwt: user-role and admin-role must not be empty");
		}
	}

}
