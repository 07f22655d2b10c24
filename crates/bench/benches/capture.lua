-- CTestData over TCP for tshark: one item of the tree per record.
local proto = Proto("ctest", "CTestData")
local a = ProtoField.string("ctest.a", "a")
local b = ProtoField.int32("ctest.b", "b")
local c = ProtoField.stringz("ctest.c", "c")
proto.fields = { a, b, c }

local SIZE = 24

function proto.dissector(buffer, packet, tree)
  local at = 0
  while at + SIZE <= buffer:len() do
    local item = tree:add(proto, buffer(at, SIZE))
    item:add(a, buffer(at, 1))
    item:add_le(b, buffer(at + 4, 4))
    item:add(c, buffer(at + 8, 15))
    at = at + SIZE
  end
  if at < buffer:len() then
    packet.desegment_offset = at
    packet.desegment_len = SIZE - (buffer:len() - at)
  end
end

DissectorTable.get("tcp.port"):add(9000, proto)
