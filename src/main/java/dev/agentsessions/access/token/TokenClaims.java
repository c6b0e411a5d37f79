package dev.agentsessions.access.token;

import java.util.Collection;
import java.util.List;
import java.util.Map;

import dev.agentsessions.access.AccessProblems;
import dev.agentsessions.access.Caller;
import dev.agentsessions.access.Role;
import dev.agentsessions.access.Tenants;
import org.jspecify.annotations.Nullable;

import org.springframework.security.oauth2.jwt.Jwt;

/**
 * What the claims of a valid token say about its caller.
 */
final class TokenClaims {

	private final JwtSettings settings;

	TokenClaims(JwtSettings settings) {
		this.settings = settings;
	}

	/**
	 * The caller.
	 * @throws dev.agentsessions.problem.ProblemException (403) if the token names no
	 * tenant or no role
	 */
	Caller caller(Jwt token) {
		if (!(claim(token, this.settings.tenantClaim()) instanceof String tenant) || Tenants.fault(tenant) != null) {
			throw AccessProblems.forbidden("The token names no tenant that could exist.");
		}
		Collection<?> roles = roles(claim(token, this.settings.rolesClaim()));
		if (roles.contains(this.settings.adminRole())) {
			return new Caller(tenant, Role.ADMIN);
		}
		if (roles.contains(this.settings.userRole())) {
			return new Caller(tenant, Role.USER);
		}
		throw AccessProblems.forbidden("The token has no role for this service.");
	}

	private static Collection<?> roles(@Nullable Object claim) {
		if (claim instanceof String text) {
			return List.of(text.split(" "));
		}
		return (claim instanceof Collection<?> list) ? list : List.of();
	}

	/**
	 * The claim of this name, even if it has dots, as those that are URLs have; else what
	 * the dots lead to, as in <code>realm_access.roles</code>.
	 */
	private static @Nullable Object claim(Jwt token, String name) {
		Object claim = token.getClaims().get(name);
		if (claim != null) {
			return claim;
		}
		Object value = token.getClaims();
		for (String part : name.split("\\.")) {
			value = (value instanceof Map<?, ?> object) ? object.get(part) : null;
		}
		return value;
	}

}
