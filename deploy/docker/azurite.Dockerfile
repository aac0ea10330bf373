# syntax=docker/dockerfile:1
# Azurite for a try of a cluster on one machine, in the version that the tests run against; its official image runs as root.
FROM node:22-alpine
WORKDIR /azurite
COPY tests/Storage/node/package.json tests/Storage/node/package-lock.json ./
RUN npm ci --ignore-scripts --no-audit --no-fund && mkdir /data && chown 1000:1000 /data
USER 1000:1000
ENTRYPOINT ["node", "/azurite/node_modules/azurite/dist/src/azurite.js"]
