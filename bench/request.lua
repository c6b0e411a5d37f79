-- One kind of request, again and again. Arguments: seed, method, path, body (may be empty), "Name: value" for each header.
-- <1-1000> in any of them stands for a random whole number of that range, another one in every request.

local method, path, body, headers

-- Text with placeholders as a function that fills them in, so that nothing is searched for while requests are made.
local function template(text)
  local parts, at = {}, 1
  for before, low, high, after in text:gmatch("()<(%d+)%-(%d+)>()") do
    parts[#parts + 1] = text:sub(at, before - 1)
    parts[#parts + 1] = { tonumber(low), tonumber(high) }
    at = after
  end
  if at == 1 then
    return function() return text end
  end
  parts[#parts + 1] = text:sub(at)
  return function()
    local filled = {}
    for i, part in ipairs(parts) do
      filled[i] = type(part) == "table" and string.format("%d", math.random(part[1], part[2])) or part
    end
    return table.concat(filled)
  end
end

function init(args)
  math.randomseed(tonumber(args[1]))
  method, path, body, headers = args[2], template(args[3]), template(args[4]), {}
  if args[4] ~= "" then
    headers["Content-Type"] = function() return "application/json" end
  end
  for i = 5, #args do
    local name, value = args[i]:match("^([^:]+): (.*)$")
    headers[name] = template(value)
  end
end

function request()
  local filled = {}
  for name, value in pairs(headers) do
    filled[name] = value()
  end
  local text = body()
  return wrk.format(method, path(), filled, text ~= "" and text or nil)
end

-- A status of 400 and more counts as an error, and nothing here answers 3xx.
function done(summary, latency)
  local errors = summary.errors
  io.write(string.format(
    "RESULT requests=%d micros=%d p50=%d p99=%d status=%d timeout=%d socket=%d\n",
    summary.requests, summary.duration, latency:percentile(50), latency:percentile(99),
    errors.status, errors.timeout, errors.connect + errors.read + errors.write))
end
