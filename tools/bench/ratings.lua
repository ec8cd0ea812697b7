-- Posts ratings, each as another person from another address: each with a cookie of its own that tells browsers apart; the form's key
-- is new each time. Arguments: KIND ("service" or "page"), a word that no other run has, the seconds after which nothing more
-- is sent, the site's address, paths in turn. For services the form is fetched first, for its cookie, its CSRF token and the
-- instant it was shown. Whoever runs this lets wrk go on a little longer: what was sent is then answered, and can be counted.

local ffi = require("ffi")
ffi.cdef("typedef struct { long s; long ns; } instant_t; int clock_gettime(int which, instant_t *into);")
local at = ffi.new("instant_t")
local threads = {}

-- Seconds on a clock that only goes forward (1 is CLOCK_MONOTONIC).
local function now()
  ffi.C.clock_gettime(1, at)
  return tonumber(at.s) + tonumber(at.ns) / 1e9
end

function setup(thread)
  table.insert(threads, thread)
end

function init(args)
  kind, run, last, base = args[1], args[2], tonumber(args[3]), args[4]
  paths = { unpack(args, 5) }
  began = now()
  heard = began
  sent, accepted, refused, why = 0, 0, 0, ""
  form, tried = nil, false
  if kind == "page" then form = "" end
end

local function encoded(text)
  return (text:gsub("[^%w%-_.~]", function(c) return string.format("%%%02X", c:byte()) end))
end

-- What an input of the form holds, whatever the order of its attributes.
local function held(html, name)
  for input in html:gmatch("<input[^>]*>") do
    if input:find('name="' .. name .. '"', 1, true) then return input:match('value="([^"]*)"') or "" end
  end
  error("the form has no " .. name)
end

-- The limit on posts counts addresses: each post of a run has its own, of a network that is nobody's on the internet. The
-- next run takes the same ones again, far fewer times in a minute than the limit.
local function address()
  return string.format("10.%d.%d.%d", math.floor(sent / 65536) % 256, math.floor(sent / 256) % 256, sent % 256)
end

-- Milliseconds until a connection sends again.
function delay()
  if now() - began < last then return 0 end
  return 3600000
end

function request()
  -- The first is for wrk itself, which looks at it and does not send it.
  if not form or not tried then
    tried = true
    return wrk.format("GET", paths[1])
  end
  sent = sent + 1
  local headers = { ["Content-Type"] = "application/x-www-form-urlencoded", ["X-Forwarded-For"] = address() }
  local path, key, stars = paths[1 + sent % #paths], run .. "-a-form-of-the-bench-" .. sent, 1 + sent % 5
  if kind == "page" then
    headers["Origin"] = base
    local body = "strumento=page_clarity&stelle=" .. stars .. "&pagina=" .. encoded(path) .. "&chiave=" .. key
    return wrk.format("POST", "/valuta/pagina", headers, body)
  end
  headers["Cookie"] = cookie .. "; civic-browser=" .. key
  if #paths == 1 then stars = 5 end
  return wrk.format("POST", path, headers, form .. "&form_key=" .. key .. "&stars=" .. stars)
end

function response(status, headers, body)
  heard = now()
  local found = {}
  for name, value in pairs(headers) do found[name:lower()] = value end
  if status == 200 and not form then
    cookie = (found["set-cookie"] or error("the form came without a cookie")):match("^[^;]+")
    form = "csrf_token=" .. encoded(held(body, "csrf_token")) .. "&shown_at=" .. encoded(held(body, "shown_at"))
      .. "&website=&point=&ticket="
  elseif status == 303 and (found["location"] or ""):find("/valutazioni/", 1, true) then
    accepted = accepted + 1
  elseif status == 303 and (found["location"] or ""):find("/valuta/pagina/grazie", 1, true) then
    accepted = accepted + 1
  elseif status ~= 200 or kind == "page" then
    refused = refused + 1
    if why == "" then why = status .. " " .. (found["location"] or body:gsub("<[^>]*>", " "):gsub("%s+", " "):sub(1, 300)) end
  end
end

function done()
  local thread = threads[1]
  local said = thread:get("why"):gsub('[%c"\\]', " ")
  io.write(string.format('told: {"sent": %d, "accepted": %d, "refused": %d, "seconds": %.6f, "why": "%s"}\n',
    thread:get("sent"), thread:get("accepted"), thread:get("refused"), thread:get("heard") - thread:get("began"), said))
end
