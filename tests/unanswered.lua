-- Prints who stopped answering keep-alives, and how long the connection had been idle by then.
local number, idle = Field.new("tcpphase.keepalive.number"), Field.new("tcpphase.keepalive.idle")
local probes = Listener.new("frame", "tcpphase.note.keepalive_unanswered")
local last = {}
function probes.packet(pinfo)
    last[tostring(pinfo.dst)] = number().display .. " probes without an answer, idle for " .. tostring(idle().value) .. " s"
end
function probes.draw()
    for host, text in pairs(last) do print(host .. ": " .. text) end
end
