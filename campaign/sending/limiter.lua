-- The rate of one sender (or the cap of one campaign), decided in one place on the server's clock.
--
-- KEYS[1]  a hash with
--            next    the first instant not yet handed out, microseconds
--            factor  the share of the rate in force, 0..1; halved by the brake, climbing back
--            since   when the factor was last brought up to date, microseconds
--            until   no permits before this instant, microseconds; set by the brake
-- ARGV[1]  'reserve', 'give_back', 'brake' or 'look', then its own arguments
--
-- GCRA without a burst: permits are instants, one interval apart, so every sliding second holds at most `rate`.

local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000000 + tonumber(time[2])
local verb = ARGV[1]
local key = KEYS[1]
local DAY_MS = 86400000

local function read()
  local f = redis.call('HMGET', key, 'next', 'factor', 'since', 'until')
  return tonumber(f[1]), tonumber(f[2]) or 1, tonumber(f[3]) or now, tonumber(f[4]) or 0
end

-- The factor now: it climbs from the end of the stop.
local function climbed(factor, since, until_us, recovery)
  if now <= until_us or factor >= 1 then return factor end
  return math.min(1, factor + 0.5 * (now - math.max(since, until_us)) / recovery)
end

local function write(fields)
  redis.call('HSET', key, unpack(fields))
  redis.call('PEXPIRE', key, DAY_MS)
end

if verb == 'reserve' then
  -- rate per second, permits wanted, horizon us, cold start us, recovery us
  local rate, want = tonumber(ARGV[2]), tonumber(ARGV[3])
  local horizon, cold, recovery = tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6])
  local nxt, factor, since, until_us = read()
  -- Unknown: new, or emptied while permits were out. Wait until none of those can still be used.
  if not nxt then nxt = now + cold end
  factor = climbed(factor, since, until_us, recovery)
  local interval = 1000000 / (rate * factor)
  local start = math.max(nxt, now, until_us)
  local count = 0
  if start <= now + horizon then
    count = math.min(want, math.floor((now + horizon - start) / interval) + 1)
  end
  write({'next', string.format('%.3f', start + count * interval), 'factor', string.format('%.6f', factor),
         'since', string.format('%.0f', now), 'until', string.format('%.0f', until_us)})
  return {count, string.format('%.3f', start), string.format('%.3f', interval), string.format('%.0f', now),
          string.format('%.6f', factor), string.format('%.0f', until_us)}
end

if verb == 'give_back' then
  -- end of the reservation as it was handed out us, first unused instant us: only while nobody reserved behind it
  local reserved_end, unused = tonumber(ARGV[2]), tonumber(ARGV[3])
  local nxt = read()
  if nxt and math.abs(nxt - reserved_end) < 1 then
    redis.call('HSET', key, 'next', string.format('%.3f', unused))
    return 1
  end
  return 0
end

if verb == 'brake' then
  -- stop us, least factor, settle us: further complaints within one stop are about the same burst
  local stop, least, settle = tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
  local nxt, factor, since, until_us = read()
  if now > until_us + settle then factor = math.max(least, factor / 2) end
  until_us = math.max(until_us, now + stop)
  write({'next', string.format('%.3f', math.max(nxt or 0, until_us)), 'factor', string.format('%.6f', factor),
         'since', string.format('%.0f', until_us), 'until', string.format('%.0f', until_us)})
  return {string.format('%.6f', factor), string.format('%.0f', until_us)}
end

if verb == 'look' then
  -- recovery us: the share of the rate in force, 0 while the brake is on; writes nothing
  local recovery = tonumber(ARGV[2])
  local nxt, factor, since, until_us = read()
  if now < until_us then return '0' end
  return string.format('%.6f', climbed(factor, since, until_us, recovery))
end

return redis.error_reply('limiter: unknown verb ' .. tostring(verb))
