-- At most one message per sender and person within an interval, whichever campaign it is of.
--
-- KEYS     one key per pair: exists while the pair has to rest
-- ARGV[1]  interval, milliseconds
-- returns  per key 0 when it was free and is taken now, else the milliseconds that it still has to rest

local waits = {}
for i, key in ipairs(KEYS) do
  if redis.call('SET', key, 1, 'NX', 'PX', ARGV[1]) then
    waits[i] = 0
  else
    waits[i] = math.max(1, redis.call('PTTL', key))
  end
end
return waits
