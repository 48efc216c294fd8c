-- Upstreams of nginx that change without a reload, judge their servers by what requests meet, and tell gslbd.
--
--   PUT /gslb/upstream ─► shared dictionary ─► balance() of every worker ─► a server
--                              ▲                                              │
--   GET /gslb/status.json ◄────┴──────────── note() of every request ◄────────┘
--
-- For nginx with libnginx-mod-http-lua (Debian) and OpenResty. See gslb.conf for how it is put to use.

local balancer = require "ngx.balancer"
local cjson = require "cjson.safe"

local _M = {}

local dict = ngx.shared.gslb
local LIST = "list"

-- A server whose requests fail is left alone for a while, then tried with a small share of what it would get.
local WINDOW = 10          -- seconds that are looked back
local FEWEST = 20          -- requests in the window, to judge by
local SHARE = 0.5          -- more of them failed: the circuit opens
local OPEN_FOR = 10        -- seconds
local TRIAL_SHARE = 0.1    -- of its turns while half-open
local TRIAL_PASSES = 5     -- requests in a row that must pass before it closes
local MOST_PEERS = 1000
local POLICIES = { round_robin = true, ip_hash = true, consistent_hash = true }

local present = { version = -1, peers = {}, policy = "round_robin" }  -- of this worker

-- ---- what is configured

local function is_address(text)
  local host, port = text:match("^(%d+%.%d+%.%d+%.%d+):(%d+)$")
  if not host then host, port = text:match("^%[([%x:]+)%]:(%d+)$") end
  return host and tonumber(port) > 0 and tonumber(port) < 65536 and host, tonumber(port)
end

-- A list as it is put, or nil and what is wrong with it.
local function checked(body)
  local asked = cjson.decode(body or "")
  if type(asked) ~= "table" or type(asked.peers) ~= "table" then return nil, "give {\"peers\": [{\"addr\": \"192.0.2.1:80\"}]}" end
  local policy = asked.policy or "round_robin"
  if not POLICIES[policy] then return nil, "policy is round_robin, ip_hash or consistent_hash" end
  if #asked.peers == 0 then return nil, "a list without peers would refuse everybody" end
  if #asked.peers > MOST_PEERS then return nil, "at most " .. MOST_PEERS .. " peers" end
  local list, seen = { policy = policy, peers = {} }, {}
  for i, peer in ipairs(asked.peers) do
    local where = "peers[" .. (i - 1) .. "]: "
    if type(peer) ~= "table" or type(peer.addr) ~= "string" or not is_address(peer.addr) then
      return nil, where .. "addr is ADDRESS:PORT, such as 192.0.2.1:80 or [2001:db8::1]:80"
    end
    if seen[peer.addr] then return nil, where .. peer.addr .. " comes twice" end
    seen[peer.addr] = true
    local weight = peer.weight == nil and 1 or peer.weight
    if type(weight) ~= "number" or weight < 0 or weight > 1000000 then return nil, where .. "weight is 0 to 1000000" end
    list.peers[i] = { addr = peer.addr, weight = weight }
  end
  return list
end

local function store(list)
  local version = dict:incr("version", 1, 0)
  list.version = version
  return dict:set(LIST, cjson.encode(list))
end

-- Where a list is missing: at the first start. Later ones survive a reload in the shared dictionary.
function _M.setup(first)
  if dict:get(LIST) then return end
  local list, wrong = checked(cjson.encode(first))
  if not list then error("gslb_upstream.setup: " .. wrong) end
  store(list)
end

-- The list of this worker: decoded anew when it has changed.
local function current()
  local version = dict:get("version")
  if version == present.version then return present end
  local list = cjson.decode(dict:get(LIST) or "") or { policy = "round_robin", peers = {} }
  for _, peer in ipairs(list.peers) do
    peer.host, peer.port = is_address(peer.addr)
    peer.turn = 0
  end
  list.version = version
  present = list
  return present
end

-- ---- what is known of each server

-- Counts of one second each, which go by themselves.
local function count(addr, what, by)
  local key = what .. addr .. "@" .. math.floor(ngx.now())
  dict:incr(key, by, 0, WINDOW + 1)
end

local function sum(addr, what)
  local now, out = math.floor(ngx.now()), 0
  for second = now - WINDOW + 1, now do out = out + (dict:get(what .. addr .. "@" .. second) or 0) end
  return out
end

local function state_of(addr)
  local until_time = dict:get("open" .. addr)
  if not until_time then return "closed" end
  return ngx.now() < until_time and "open" or "half-open"
end

local function open(addr)
  dict:set("open" .. addr, ngx.now() + OPEN_FOR)
  dict:delete("passed" .. addr)
  ngx.log(ngx.WARN, "gslb: ", addr, " is left alone for ", OPEN_FOR, " s: too many of its requests fail")
end

-- What came of one try.
local function noted(addr, failed, seconds)
  count(addr, "n", 1)
  if failed then count(addr, "f", 1) end
  if seconds then count(addr, "t", seconds) end
  local state = state_of(addr)
  if state == "half-open" then
    if failed then return open(addr) end
    if dict:incr("passed" .. addr, 1, 0) >= TRIAL_PASSES then
      dict:delete("open" .. addr)
      dict:delete("passed" .. addr)
      for second = math.floor(ngx.now()) - WINDOW, math.floor(ngx.now()) do dict:delete("f" .. addr .. "@" .. second) end
      ngx.log(ngx.WARN, "gslb: ", addr, " works again")
    end
  elseif state == "closed" and failed then
    local all = sum(addr, "n")
    if all >= FEWEST and sum(addr, "f") > SHARE * all then open(addr) end
  end
end

-- In the log phase: each try of the request.
function _M.note()
  local addresses, statuses, times = ngx.var.upstream_addr, ngx.var.upstream_status, ngx.var.upstream_response_time
  if not addresses or not statuses then return end
  local status, time = statuses:gmatch("[%d%-]+"), (times or ""):gmatch("[%d%.%-]+")
  for addr in addresses:gmatch("[^,%s]+") do
    local code, seconds = tonumber(status() or ""), tonumber(time() or "")
    -- 0 or nothing: no answer came.
    noted(addr, not code or code == 0 or code >= 500, seconds)
  end
end

-- ---- who is next

-- Smooth weighted round robin: each gains its weight, the richest pays the sum.
local function round_robin(peers)
  local best, total = nil, 0
  for _, peer in ipairs(peers) do
    peer.turn = peer.turn + peer.weight
    total = total + peer.weight
    if not best or peer.turn > best.turn then best = peer end
  end
  if best then best.turn = best.turn - total end
  return best
end

-- Highest random weight: only the clients of a server that comes or goes move.
local function by_hash(peers, key)
  local best, highest = nil, nil
  for _, peer in ipairs(peers) do
    local u = (ngx.crc32_long(key .. "|" .. peer.addr) + 0.5) / 4294967296
    local score = -peer.weight / math.log(u)
    if peer.weight > 0 and (not highest or score > highest) then best, highest = peer, score end
  end
  return best
end

local function candidates(list, tried)
  local out = {}
  for _, peer in ipairs(list.peers) do
    if peer.weight > 0 and not tried[peer.addr] then
      local state = state_of(peer.addr)
      if state == "closed" or (state == "half-open" and math.random() < TRIAL_SHARE) then out[#out + 1] = peer end
    end
  end
  if #out > 0 then return out end
  -- None is well: better one that may fail than none.
  for _, peer in ipairs(list.peers) do
    if peer.weight > 0 and not tried[peer.addr] then out[#out + 1] = peer end
  end
  return out
end

-- In balancer_by_lua. `tries` more servers are asked if one fails (proxy_next_upstream says when).
function _M.balance(tries)
  local ctx = ngx.ctx
  ctx.gslb_tried = ctx.gslb_tried or {}
  local list = current()
  local some = candidates(list, ctx.gslb_tried)
  local peer
  if list.policy == "ip_hash" then
    peer = by_hash(some, ngx.var.binary_remote_addr)
  elseif list.policy == "consistent_hash" then
    peer = by_hash(some, ngx.var.gslb_hash_key or ngx.var.request_uri)
  else
    peer = round_robin(some)
  end
  if not peer then return ngx.exit(503) end
  if not next(ctx.gslb_tried) and tries and tries > 0 then balancer.set_more_tries(math.min(tries, #list.peers - 1)) end
  ctx.gslb_tried[peer.addr] = true
  local ok, wrong = balancer.set_current_peer(peer.host, peer.port)
  if not ok then
    ngx.log(ngx.ERR, "gslb: ", peer.addr, ": ", wrong)
    return ngx.exit(500)
  end
end

-- ---- what others are told, and say

local function answer(status, body)
  ngx.status = status
  ngx.header.content_type = "application/json"
  ngx.say(cjson.encode(body))
  return ngx.exit(status)
end

-- The page that gslbd reads (`page:`).
function _M.status()
  local list, peers = current(), {}
  for i, peer in ipairs(list.peers) do
    local all, state = sum(peer.addr, "n"), state_of(peer.addr)
    peers[i] = {
      addr = peer.addr, weight = peer.weight, state = state,
      up = state ~= "open", draining = peer.weight == 0,
      rps = all / WINDOW,
      err_rate = all > 0 and math.min(1, sum(peer.addr, "f") / all) or 0,
      rt_ms = all > 0 and 1000 * sum(peer.addr, "t") / all or 0,
    }
  end
  return answer(200, {
    policy = list.policy, version = list.version, peers = peers, conn = tonumber(ngx.var.connections_writing) or 0,
  })
end

-- GET shows the list, PUT replaces it for all workers at once.
function _M.upstream()
  local method = ngx.req.get_method()
  if method == "GET" then
    local list, peers = current(), {}
    for i, peer in ipairs(list.peers) do peers[i] = { addr = peer.addr, weight = peer.weight } end
    return answer(200, { policy = list.policy, version = list.version, peers = peers })
  end
  if method ~= "PUT" then
    ngx.header.allow = "GET, PUT"
    return answer(405, { error = "GET or PUT" })
  end
  ngx.req.read_body()
  local body = ngx.req.get_body_data()
  if not body then return answer(413, { error = "the body is empty, or larger than client_body_buffer_size" }) end
  local list, wrong = checked(body)
  if not list then return answer(400, { error = wrong }) end
  local ok, full = store(list)
  if not ok then return answer(507, { error = "the shared dictionary takes no more: " .. tostring(full) }) end
  return answer(200, { ok = true, version = list.version })
end

return _M
