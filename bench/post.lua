-- A chat request of about 1 KB. Arguments: the key.
local words = string.rep("Tell me what a gateway is good for, in plain words. ", 17)
wrk.method = "POST"
wrk.body = '{"model":"bench","messages":[{"role":"system","content":"You answer briefly."},{"role":"user","content":"' .. words .. '"}],"max_tokens":64}'
wrk.headers["Content-Type"] = "application/json"
local key = os.getenv("BENCH_KEY")
if key then wrk.headers["Authorization"] = "Bearer " .. key end
done = function(summary, latency, requests)
  local bad = summary.errors.status + summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout
  io.stderr:write(string.format("%d %d %d %d %d\n", summary.requests, summary.duration, latency:percentile(50), latency:percentile(99), bad))
end
