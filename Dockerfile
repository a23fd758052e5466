# syntax=docker/dockerfile:1
FROM node:24.21.0-slim AS dependencies
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# The image has its own Node and uses running servers, so the optional dependencies are left out. Half of what is installed serves compilers,
# debuggers and readers, and is deleted.
RUN npm ci --omit=dev --omit=optional && \
  find node_modules -type f \( -name '*.map' -o -name '*.d.ts' -o -name '*.d.mts' -o -name '*.d.cts' -o -name '*.md' \) -delete

FROM node:24.21.0-slim AS runtime
WORKDIR /app
ENV NODE_ENV=production HOST=0.0.0.0
COPY --from=dependencies /app/node_modules node_modules
COPY package.json ./
COPY config config
COPY observability observability
COPY actors actors
COPY src src
# The image's user "node", as a number, so that Kubernetes can check that it is not root. The service writes none of the image's files.
USER 1000:1000

# The customer's app of the examples, for docker-compose.yml: docker build --target host-app
FROM runtime AS host-app
USER 0:0
RUN mkdir /data && chown 1000:1000 /data
USER 1000:1000
COPY examples examples
EXPOSE 3100
CMD ["node", "examples/host-app/start.ts"]

FROM runtime AS service
EXPOSE 3000
# A start waits for its servers, and for a migration; it is healthy as soon as it is ready.
HEALTHCHECK --interval=10s --timeout=3s --start-period=120s \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT ?? 3000}/readyz`).then(answer => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "--max-semi-space-size=8", "--heap-growing-percent=35", "--no-parallel-scavenge", "--disable-warning=ExperimentalWarning", "--import", "./observability/register.ts", "src/main.ts"]
