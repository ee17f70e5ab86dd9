//! The scripts: each does one call whole, by the server's own clock.

use redis::Script;

/// Charges every limit or none (GCRA). A key holds its theoretical arrival time in microseconds since 2026, which a
/// floating-point number keeps to a small part of one.
///
/// KEYS: one per limit. ARGV: for each, the step and the whole period in microseconds.
/// Gives 1 or 0, then for each limit how many nanoseconds ahead its arrival time is, charged when allowed.
const CHARGE: &str = r"
local time = redis.call('TIME')
local now = (time[1] - 1767225600) * 1000000 + time[2]
local held, before, after, is_allowed = {}, {}, {}, 1
for i, key in ipairs(KEYS) do
  local step, whole = tonumber(ARGV[2 * i - 1]), tonumber(ARGV[2 * i])
  -- A clock set back must not lock a key: no arrival time is further than the whole period from now.
  local tat = math.min(math.max(held[key] or tonumber(redis.call('GET', key) or 0), now), now + whole)
  before[i], after[i] = tat, tat + step
  if after[i] > now + whole + 0.5 then
    is_allowed, after[i] = 0, tat
  end
  held[key] = after[i]
end
local answer = { is_allowed }
for i, key in ipairs(KEYS) do
  if is_allowed == 1 then
    local span = math.max(1, math.ceil((held[key] - now) / 1000))
    redis.call('SET', key, string.format('%.3f', held[key]), 'PX', string.format('%.0f', span))
    answer[i + 1] = math.floor((after[i] - now) * 1000)
  else
    answer[i + 1] = math.floor((before[i] - now) * 1000)
  end
end
return answer
";

/// Takes a mark, if the server still is who it was.
///
/// KEYS: the mark, the epoch. ARGV: the epoch as the caller knows it, milliseconds to remember the mark.
/// Gives 1 when taken, 0 when it already was, -1 when the epoch is another.
const TAKE_MARK: &str = r"
if redis.call('GET', KEYS[2]) ~= ARGV[1] then return -1 end
if redis.call('SET', KEYS[1], '', 'NX', 'PX', ARGV[2]) then return 1 end
return 0
";

/// Tells since when the server remembers. A server that restarted, was replaced by its replica or was emptied begins a
/// new epoch: its process has another run id, or the key is gone.
///
/// KEYS: the epoch. ARGV: milliseconds by which clocks may differ; 1 when nothing can have been forgotten by a server
/// that knows of no epoch at all.
/// Gives `run id`, a space, and milliseconds since 1970.
const EPOCH: &str = r"
local run = string.match(redis.call('INFO', 'server'), 'run_id:(%w+)') or 'unknown'
local held = redis.call('GET', KEYS[1])
if held and string.sub(held, 1, #run + 1) == run .. ' ' then return held end
local since = '0'
if held or ARGV[2] ~= '1' then
  local time = redis.call('TIME')
  since = string.format('%.0f', time[1] * 1000 + math.ceil(time[2] / 1000) + ARGV[1])
end
local epoch = run .. ' ' .. since
redis.call('SET', KEYS[1], epoch)
return epoch
";

/// Takes a place among a few.
///
/// KEYS: the places, a sorted set of holders by the time their place comes back. ARGV: holder, how many places, for how
/// many milliseconds. Gives 1 or 0.
const ENTER: &str = r"
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
local held = redis.call('ZSCORE', KEYS[1], ARGV[1])
if not held and redis.call('ZCARD', KEYS[1]) >= tonumber(ARGV[2]) then return 0 end
local till = math.max(now + ARGV[3], tonumber(held or 0))
redis.call('ZADD', KEYS[1], string.format('%.0f', till), ARGV[1])
local last = redis.call('ZRANGE', KEYS[1], -1, -1, 'WITHSCORES')[2]
redis.call('PEXPIREAT', KEYS[1], string.format('%.0f', last))
return 1
";

/// Whether something is awake, and if so, notes its last use.
///
/// KEYS: what. ARGV: now in milliseconds since 1970 as the node sees it, when it began, for how many milliseconds it
/// stays awake unused, 1 when this is a use. Gives 1 or 0. What sleeps is forgotten, and then it is as old as it began.
const AWAKE: &str = r"
local now, idle = tonumber(ARGV[1]), tonumber(ARGV[3])
local last = math.max(tonumber(redis.call('GET', KEYS[1]) or 0), tonumber(ARGV[2]))
if now - last >= idle then
  redis.call('DEL', KEYS[1])
  return 0
end
if ARGV[4] == '1' then
  redis.call('SET', KEYS[1], string.format('%.0f', math.max(now, last)), 'PX', string.format('%.0f', 2 * idle))
end
return 1
";

/// Gives a place back. KEYS: the places. ARGV: holder. Gives how many were held.
const LEAVE: &str = "return redis.call('ZREM', KEYS[1], ARGV[1])";

/// The scripts with their digests, by which the server knows them once it has seen them.
pub(super) struct Scripts {
    pub charge: Script,
    pub take_mark: Script,
    pub enter: Script,
    pub leave: Script,
    pub awake: Script,
}

impl Default for Scripts {
    fn default() -> Self {
        Self {
            charge: Script::new(CHARGE),
            take_mark: Script::new(TAKE_MARK),
            enter: Script::new(ENTER),
            leave: Script::new(LEAVE),
            awake: Script::new(AWAKE),
        }
    }
}

/// The script that the heartbeat runs.
pub(super) fn epoch() -> Script {
    Script::new(EPOCH)
}
