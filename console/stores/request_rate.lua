-- One request of an API key: 0 when it may go on, otherwise how long to wait, microseconds.
--
-- KEYS[1]  the instant at which the key's burst is whole again, microseconds
-- ARGV     microseconds per request, requests at once

local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000000 + tonumber(time[2])
local pace, burst = tonumber(ARGV[1]), tonumber(ARGV[2])
local whole = math.max(tonumber(redis.call('GET', KEYS[1])) or now, now)
local early = whole - (burst - 1) * pace - now
if early > 0 then return string.format('%.0f', early) end
redis.call('SET', KEYS[1], string.format('%.0f', whole + pace), 'PX', math.ceil((whole + pace - now) / 1000) + 1)
return '0'
