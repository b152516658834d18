-- The rate of one sender (or the cap of one campaign), decided in one place on the server's clock; and beside it the
-- request limit of the endpoint that the sender posts to, where its provider has one.
--
-- KEYS[1]  a hash with
--            next    the first instant not yet handed out, microseconds
--            factor  the share of the rate in force, 0..1; halved by the brake, climbing back
--            since   when the factor was last brought up to date, microseconds
--            until   no permits before this instant, microseconds; set by the brake
-- KEYS[2]  when this server was first met, microseconds: what was known before may be older than permits still out
-- KEYS[3]  only where the endpoint has a limit: the instant at which its bucket is full again, microseconds
-- ARGV[1]  'reserve', 'give_back', 'brake' or 'look', then its own arguments
--
-- The rate is a GCRA without a burst: permits are instants, one interval apart, so every sliding second holds at most
-- `rate`. The endpoint is a GCRA with a burst: it takes `burst` at once and then one per pace.

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
  -- rate per second, permits wanted, horizon us, cold start us, recovery us, endpoint's pace us and burst (0: none)
  local rate, want = tonumber(ARGV[2]), tonumber(ARGV[3])
  local horizon, cold, recovery = tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6])
  local pace, burst = tonumber(ARGV[7]), tonumber(ARGV[8])
  local nxt, factor, since, until_us = read()
  local met = tonumber(redis.call('GET', KEYS[2])) or 0
  -- Unknown: new, or emptied while permits were out. Wait until none of those can still be used.
  nxt = math.max(nxt or now + cold, met + cold)
  factor = climbed(factor, since, until_us, recovery)
  local interval = 1000000 / (rate * factor)
  local start = math.max(nxt, now, until_us)
  local function fitting(every)
    if start > now + horizon then return 0 end
    return math.min(want, math.floor((now + horizon - start) / every) + 1)
  end
  local count = fitting(interval)
  if pace > 0 then
    local span = (burst - 1) * pace
    -- Unknown: its burst counts as used up, or an emptied Redis would grant it twice.
    local full = math.max(tonumber(redis.call('GET', KEYS[3])) or now + span, met + span)
    start = math.max(start, full - span)
    count = fitting(interval)
    -- Faster than the endpoint's pace only as long as its burst lasts.
    if interval < pace and math.floor((start + span - math.max(full, start)) / (pace - interval)) + 1 < count then
      interval = pace
      count = fitting(interval)
    end
    if count > 0 then
      full = math.max(math.max(full, start) + count * pace, start + (count - 1) * interval + pace)
      redis.call('SET', KEYS[3], string.format('%.3f', full), 'PX', DAY_MS)
    end
  end
  write({'next', string.format('%.3f', start + count * interval), 'factor', string.format('%.6f', factor),
         'since', string.format('%.0f', now), 'until', string.format('%.0f', until_us)})
  return {count, string.format('%.3f', start), string.format('%.3f', interval), string.format('%.0f', now),
          string.format('%.6f', factor), string.format('%.0f', until_us)}
end

if verb == 'give_back' then
  -- end of the reservation as it was handed out us, first unused instant us, and what the unused ones take of the
  -- endpoint's bucket us: only while nobody reserved behind it
  local reserved_end, unused, level = tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
  local nxt = read()
  if nxt and math.abs(nxt - reserved_end) < 1 then
    redis.call('HSET', key, 'next', string.format('%.3f', unused))
    local full = level > 0 and tonumber(redis.call('GET', KEYS[3]))
    if full then redis.call('SET', KEYS[3], string.format('%.3f', full - level), 'PX', DAY_MS) end
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
