// The sample upstream: it says what it was asked, and ends at SIGTERM.
import { createServer } from 'node:http';

const server = createServer((request, response) => {
  response.setHeader('content-type', 'text/plain');
  response.end(`hello from the upstream: ${request.method} ${request.url}\n`);
});
server.listen(8000);
process.on('SIGTERM', () => {
  server.close(() => process.exit(0));
  server.closeIdleConnections();
});
