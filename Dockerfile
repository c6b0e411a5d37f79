# syntax=docker/dockerfile:1

# 1. The jar. Dependencies are a layer of their own, made anew only when pom.xml changes.
FROM eclipse-temurin:25-jdk AS build
WORKDIR /build
COPY .mvn/ .mvn/
COPY mvnw pom.xml ./
RUN --mount=type=cache,target=/root/.m2 ./mvnw -B -q dependency:go-offline
COPY liquibase/ liquibase/
COPY src/main/ src/main/
RUN --mount=type=cache,target=/root/.m2 ./mvnw -B -q package -DskipTests
# apart into what changes seldom (lib/) and what changes often (the application itself)
RUN java -Djarmode=tools -jar target/agent-session-store.jar extract --layers --destination extracted

# 2. The service, with a cache of what the JVM loads and links at every start. The cache is made by the JVM that will
# use it, from the files it will use, in their final place: the JVM ignores it otherwise. The collector is the same, too:
# with another one the JVM uses the classes in it, but not the code. Left to itself it takes the serial one where it has
# less than two processors or 1,792 MB, and stops everybody for each collection. Nor does it use a cache that was made
# with a heap of 32 GB or more, which a machine with 128 has by default: pointers are longer then.
# The service is trained by a whole start: its management port is the last that it opens. There is no curl here.
FROM eclipse-temurin:25-jre
WORKDIR /app
COPY --from=build /build/extracted/dependencies/ ./
COPY --from=build /build/extracted/snapshot-dependencies/ ./
COPY --from=build /build/extracted/application/ ./
# Whoever starts it has to say who may call: STORE_ACCESS_MODE.
ENV SERVER_ADDRESS=0.0.0.0 MANAGEMENT_SERVER_PORT=8081
RUN DATABASE_URL=h2:mem:training STORE_ACCESS_MODE=open \
    java -Xmx1g -XX:+UseG1GC -XX:AOTCacheOutput=agent-session-store.aot -jar agent-session-store.jar & \
    until bash -c '</dev/tcp/127.0.0.1/8081' 2>/dev/null || ! kill -0 $!; do sleep 1; done; \
    kill $!; wait $!; test -s agent-session-store.aot

EXPOSE 8080 8081
# a number, so that Kubernetes can see it is not root
USER 10001:10001
# java itself is process 1 and gets the signals; options of your own go into JAVA_TOOL_OPTIONS
ENTRYPOINT ["java", "-XX:+UseG1GC", "-XX:AOTCache=agent-session-store.aot", "-XX:MaxRAMPercentage=60", "-XX:+ExitOnOutOfMemoryError", "-jar", "agent-session-store.jar"]
