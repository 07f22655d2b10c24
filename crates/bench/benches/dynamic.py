"""Prints records as JSON Lines with dissect.cstruct; the last line on standard error is the time in ns."""

import json
import sys
import time

from dissect.cstruct import cstruct

# Bit-fields of other types begin a unit of their own there, so they have one type here.
HEADERS = {
    "CTestData": "struct CTestData { char a; int b; char c[15]; };",
    "Quote": """struct Quote { uint64 seq; uint16 lots : 12; uint16 venue : 4; uint32 tick : 20;
    uint32 open : 1; uint32 skew : 7; double bid; double ask; float depth[4]; char symbol[12];
    int32 side; };""",
}


def plain(value):
    if isinstance(value, bytes):
        return value.split(b"\0")[0].decode()
    if isinstance(value, list):
        return [plain(one) for one in value]
    return value


def main():
    name = sys.argv[1]
    types = cstruct()
    types.load(HEADERS[name], compiled=True, align=True)
    record = getattr(types, name)
    fields = [field.name for field in record.__fields__]
    data = sys.stdin.buffer.read()
    size = len(record)
    out = sys.stdout
    start = time.perf_counter_ns()
    for offset in range(0, len(data), size):
        one = record(data[offset : offset + size])
        values = {field: plain(getattr(one, field)) for field in fields}
        line = {"type": "record", "record": name, "offset": offset, "fields": values}
        out.write(json.dumps(line))
        out.write("\n")
    print(time.perf_counter_ns() - start, file=sys.stderr)


main()
