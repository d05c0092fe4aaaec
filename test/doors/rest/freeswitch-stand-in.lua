-- What FreeSWITCH gives a script, as far as the documented one needs it: mod_curl by the real curl, and a session that says what
-- was done to it. Run as: lua5.2 freeswitch-stand-in.lua SCRIPT session|hook NUMBER, with variables in the environment (rf_…).
local script, kind = arg[1], arg[2]
local slept = 0

-- As switch_separate_string does at blanks: what stands in single quotes is one word.
local function words(line)
  local found, word, inside = {}, '', false
  for c in (line .. ' '):gmatch('.') do
    if c == "'" then inside = not inside
    elseif c == ' ' and not inside then
      if word ~= '' then found[#found + 1] = word end
      word = ''
    else word = word .. c end
  end
  return found
end

local function file(content)
  local name = os.tmpname()
  local handle = assert(io.open(name, 'wb'))
  handle:write(content)
  handle:close()
  return name
end

local function read(name)
  local handle = assert(io.open(name, 'rb'))
  local content = handle:read('*a')
  handle:close()
  os.remove(name)
  return content
end

local function curl(line)
  local given = words(line)
  local headers, posted = '', ''
  local at = 2
  while at <= #given do
    local word = given[at]
    if word == 'content-type' then headers = headers .. 'Content-Type: ' .. given[at + 1] .. '\n'
    elseif word == 'append_header' then headers = headers .. given[at + 1] .. '\n'
    elseif word == 'post' then
      posted = given[at + 1]:gsub('%%(%x%x)', function(hex) return string.char(tonumber(hex, 16)) end)
    end
    at = at + (word == 'json' and 1 or 2)
  end
  local body, header, answer = file(posted), file(headers), os.tmpname()
  local command = "curl -s -o '%s' -w '%%{http_code}' -H '@%s' --data-binary '@%s' '%s'"
  local process = io.popen(string.format(command, answer, header, body, given[1]))
  local status = process:read('*a')
  process:close()
  os.remove(body)
  os.remove(header)
  local text = read(answer):gsub('[\\"]', '\\%0')
  return string.format('{"status_code":%d,"body":"%s","headers":[]}', tonumber(status) or 0, text)
end

local function variable(name) return os.getenv('rf_' .. name) end

freeswitch = {
  getGlobalVariable = variable,
  msleep = function() slept = slept + 1 end,
  API = function() return { execute = function(_, _, line) return curl(line) end } end,
}
argv = { arg[3] }
if kind == 'hook' then
  env = { getHeader = function(_, name) return variable(name:gsub('^variable_', '')) end }
else
  session = {
    get_uuid = function() return variable('uuid') end,
    getVariable = function(_, name) return variable(name) end,
    setVariable = function(_, name, value) print('set ' .. name .. '=' .. value) end,
    execute = function(_, application, data) print(application .. ' ' .. data) end,
    hangup = function(_, cause) print('hangup ' .. cause) end,
  }
end
dofile(script)
print('slept ' .. slept)
