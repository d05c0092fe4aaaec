// Exits 0 while the service of this container answers, at the port where Prometheus asks.
const listen = process.env.RINGFENCE_METRICS_LISTEN ?? '';
const url = `http://${/^\d+$/.test(listen) ? `127.0.0.1:${listen}` : listen}/healthz`;
fetch(url, { signal: AbortSignal.timeout(4_000) }).then(
  ({ status }) => {
    if (status === 200) return;
    console.error(`${url} answers ${status}`);
    process.exitCode = 1;
  },
  error => {
    console.error(`${url}: ${error.cause?.message ?? error.message}`);
    process.exitCode = 1;
  },
);
