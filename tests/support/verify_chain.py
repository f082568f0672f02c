"""Recomputes a log by docs/reference/hash.md alone: verify_chain.py <conninfo or URL> [schema]
Prints {"events", "streams", "batches", "bad"}; exit 6: something differs, 1: could not read."""
import bisect, csv, hashlib, io, json, struct, subprocess, sys, uuid

SCRIPT = """SET client_encoding = 'UTF8'; SET search_path = "%s";
BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;
COPY (SELECT id FROM store) TO STDOUT CSV;
COPY (SELECT type, schema_version, first_position FROM types) TO STDOUT CSV;
COPY (SELECT id, name, category, slice, created_position FROM streams) TO STDOUT CSV;
COPY (SELECT last_position, first_position, (extract(epoch FROM recorded_at) * 1000000)::bigint,
    encode(link, 'hex') FROM links ORDER BY 1) TO STDOUT CSV;
COPY (SELECT position, stream_id, version, event_id, ordinal, type, schema_version, commit_last,
    (extract(epoch FROM recorded_at) * 1000000)::bigint, encode(hash, 'hex'), command, payload,
    meta, (extract(epoch FROM effective_at) * 1000000)::bigint FROM log ORDER BY 1) TO STDOUT CSV
""" % (sys.argv[2] if len(sys.argv) > 2 else "recount")
psql = subprocess.run(["psql", "-Xq", "-v", "ON_ERROR_STOP=1", "-d", sys.argv[1]],
                      input=SCRIPT.encode(), stdout=subprocess.PIPE)
if psql.returncode != 0: sys.exit(1)
csv.field_size_limit(1 << 30)
rows = {1: [], 3: [], 4: [], 5: [], 14: []}  # by their columns: store, types, links, streams, log
for row in csv.reader(io.StringIO(psql.stdout.decode(), newline="")): rows[len(row)].append(row)

bad = []
def check(position, stream, what, expected, found):
    if expected != found: bad.append({"position": position, "stream": stream, "what": what,
                                      "expected": expected, "found": found})
def sha(*parts): return hashlib.sha256(b"".join(parts)).digest()
def I(n): return struct.pack(">q", int(n))                                     # an integer
def F(b): b = b.encode() if isinstance(b, str) else b; return struct.pack(">I", len(b)) + b
store, heads, log, last, first, cid = uuid.UUID(rows[1][0][0]).bytes, {}, [], -1, 0, b""
streams, types, told, at = {s[0]: s for s in rows[5]}, {}, {}, 1  # told: by restructures alone
for (p, sid, version, eid, nth, kind, schema, ends, us, digest, command, payload, meta,
        effective) in rows[14]:
    p, eid, nth, ends, version = int(p), uuid.UUID(eid).bytes, int(nth), int(ends), int(version)
    _, name, category, slice_, created = streams.get(sid, [""] * 5)
    if p < 1: check(p, "", "position", at, p); continue
    check(min(at, p), name if p < at else "", "position", at, p)
    count, previous = heads.get(sid, (0, sha(b"recount/stream/1", F(store), F(name))))
    slot = str(int.from_bytes(sha(name.encode())[:2], "big") & 1023)
    if count == 0: check(p, name, "stream", [name.split("-")[0], slot, str(p), str(p)],
                         [category, slice_, created, sid if name else ""])
    check(p, name, "version", count + 1, version)
    if p > last: last, first, cid = max(ends, p), p, eid[:14]                  # a commit begins
    check(p, name, "commit", last, ends)
    check(p, name, "ordinal", p - first, nth)
    check(p, name, "event id", (cid + (p - first).to_bytes(2, "big")).hex(), eid.hex())
    computed = sha(b"recount/event/1", previous, F(name), I(version), F(eid), F(kind), I(schema),
                   F(I(effective) if effective else b""), F(command), F(meta),
                   sha(payload.encode()))
    check(p, name, "hash", computed.hex(), digest)
    heads[sid], at = (version, bytes.fromhex(digest) if len(digest) == 64 else computed), p + 1
    log.append((p, name, us, ends, I(ends) + bytes.fromhex(digest)))
    types.setdefault((kind, schema), p)
    for op in json.loads(payload)["ops"] if kind == "$restructured" else []:
        c = op.get("content", {"type": "", "schema_version": 0})
        told.setdefault((c["type"], str(c["schema_version"])), p)
for kind, schema, p in rows[3]:
    p, seen = int(p), types.pop((kind, schema), 0)
    if p != told.get((kind, schema)): check(min(p, seen or p), "", "types", seen, p)
for p in types.values(): check(p, "", "types", p, 0)
for sid in set(streams) - set(heads): check(int(sid), streams[sid][1], "stream", "no row", sid)
link, end = sha(b"recount/links/1", F(store)), 0
genesis = rows[4].pop(0) if rows[4] and int(rows[4][0][0]) <= 0 else ["", "", -1 << 63, ""]
before = genesis[2]
check(0, "", "link", ["0", "0", link.hex()], [genesis[0], genesis[1], genesis[3]])
for last, first, us, digest in rows[4]:
    last, past = int(last), bisect.bisect(log, (int(last) + 1,))
    batch = log[bisect.bisect(log, (int(first),)):past]
    check(last, "", "batch", end + 1, int(first))
    check(last, "", "recorded_at", True, int(before) <= int(us))
    for row in batch: check(row[0], row[1], "recorded_at", us, row[2])
    for row in batch[-1:]: check(last, row[1], "commit", True, row[0] < last or row[3] <= last)
    link = sha(b"recount/link/1", link, I(first), I(last), I(us), *[row[4] for row in batch])
    check(last, "", "link", link.hex(), digest)
    link, end, before = bytes.fromhex(digest), last, us
check(min(at - 1, end) + 1, "", "end of the log", end, at - 1)
print(json.dumps({"events": len(log), "streams": len(heads), "batches": len(rows[4]), "bad": bad}))
sys.exit(6 if bad else 0)
