package dev.agentsessions.kubernetes;

import java.util.List;
import java.util.Map;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.autoscaling.v2.HorizontalPodAutoscaler;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.networking.v1.Ingress;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.MapperFeature;
import tools.jackson.databind.cfg.CoercionAction;
import tools.jackson.databind.cfg.CoercionInputShape;
import tools.jackson.databind.cfg.MapperConfig;
import tools.jackson.databind.introspect.Annotated;
import tools.jackson.databind.introspect.JacksonAnnotationIntrospector;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.type.LogicalType;

/**
 * Whether an object has only fields that its kind has, each of the type that it has.
 */
final class KnownFields {

	private static final Map<String, Class<?>> TYPES = Map.ofEntries(Map.entry("v1 ConfigMap", ConfigMap.class),
			Map.entry("v1 Namespace", Namespace.class), Map.entry("v1 Secret", Secret.class),
			Map.entry("v1 Service", Service.class), Map.entry("v1 ServiceAccount", ServiceAccount.class),
			Map.entry("apps/v1 Deployment", Deployment.class), Map.entry("apps/v1 StatefulSet", StatefulSet.class),
			Map.entry("autoscaling/v2 HorizontalPodAutoscaler", HorizontalPodAutoscaler.class),
			Map.entry("batch/v1 Job", Job.class), Map.entry("networking.k8s.io/v1 Ingress", Ingress.class),
			Map.entry("gateway.networking.k8s.io/v1 HTTPRoute", CustomResources.HttpRoute.class),
			Map.entry("networking.k8s.io/v1 NetworkPolicy", NetworkPolicy.class),
			Map.entry("policy/v1 PodDisruptionBudget", PodDisruptionBudget.class),
			Map.entry("monitoring.coreos.com/v1 PodMonitor", CustomResources.PodMonitor.class),
			Map.entry("monitoring.coreos.com/v1 PrometheusRule", CustomResources.PrometheusRule.class),
			Map.entry("monitoring.coreos.com/v1 ServiceMonitor", CustomResources.ServiceMonitor.class),
			Map.entry("postgresql.cnpg.io/v1 Cluster", CustomResources.Cluster.class));

	private static final JsonMapper mapper = JsonMapper.builder()
		.annotationIntrospector(new NoOtherFields())
		.enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
		.disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
		.withCoercionConfig(LogicalType.Textual,
				(texts) -> List.of(CoercionInputShape.Integer, CoercionInputShape.Float, CoercionInputShape.Boolean)
					.forEach((shape) -> texts.setCoercion(shape, CoercionAction.Fail)))
		.build();

	private KnownFields() {
	}

	/**
	 * Reads an object as what it says it is.
	 * @throws tools.jackson.core.JacksonException if a field is not one of its kind's, or
	 * has another type
	 */
	static void check(JsonNode object) {
		String kind = object.path("apiVersion").stringValue() + " " + object.path("kind").stringValue();
		Class<?> type = TYPES.get(kind);
		if (type == null) {
			throw new IllegalArgumentException(kind + " is not known");
		}
		mapper.treeToValue(object, type);
	}

	/** The types keep fields that they don't know; here these are errors. */
	private static final class NoOtherFields extends JacksonAnnotationIntrospector {

		@Override
		public Boolean hasAnySetter(MapperConfig<?> config, Annotated annotated) {
			return false;
		}

	}

}
