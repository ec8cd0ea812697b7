-- Posts ratings, each as another person from another address: no cookie that tells browsers apart is kept, the form's key
-- is new each time. Arguments: KIND ("service" or "page"), a word that no other run has, the site's address, paths in turn.
-- For services the form is fetched first, for its cookie, its CSRF token and the instant it was shown.

local threads = {}

function setup(thread)
  table.insert(threads, thread)
end

function init(args)
  kind, run, base = args[1], args[2], args[3]
  paths = { unpack(args, 4) }
  sent, accepted, refused, why = 0, 0, 0, ""
  form = nil
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

function request()
  if not form then return wrk.format("GET", paths[1]) end
  sent = sent + 1
  local headers = { ["Content-Type"] = "application/x-www-form-urlencoded", ["X-Forwarded-For"] = address() }
  local path, key, stars = paths[1 + sent % #paths], run .. "-" .. sent, 1 + sent % 5
  if kind == "page" then
    headers["Origin"] = base
    local body = "strumento=page_clarity&stelle=" .. stars .. "&pagina=" .. encoded(path) .. "&chiave=" .. key
    return wrk.format("POST", "/valuta/pagina", headers, body)
  end
  headers["Cookie"] = cookie
  if #paths == 1 then stars = 5 end
  return wrk.format("POST", path, headers, form .. "&form_key=" .. key .. "&stars=" .. stars)
end

function response(status, headers, body)
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

function done(summary)
  local thread = threads[1]
  local said = thread:get("why"):gsub('[%c"\\]', " ")
  io.write(string.format('told: {"accepted": %d, "refused": %d, "seconds": %.6f, "why": "%s"}\n',
    thread:get("accepted"), thread:get("refused"), summary.duration / 1e6, said))
end
