"""Recomputes a log by docs/reference/hash.md alone: verify_chain.py <conninfo or URL> [schema]
Prints {"events", "streams", "batches", "bad"}; exit 6: something differs, 1: could not read."""
import csv, hashlib, io, json, struct, subprocess, sys, uuid

SCRIPT = """SET client_encoding = 'UTF8'; SET search_path = "%s";
BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;
COPY (SELECT id FROM store) TO STDOUT CSV;
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
rows = {1: [], 4: [], 5: [], 14: []}  # by how many columns they have: store, links, streams, log
for row in csv.reader(io.StringIO(psql.stdout.decode(), newline="")): rows[len(row)].append(row)

bad = []
def check(position, stream, what, expected, found):
    if expected != found: bad.append({"position": position, "stream": stream, "what": what,
                                      "expected": expected, "found": found})
def sha(*parts): return hashlib.sha256(b"".join(parts)).digest()
def I(n): return struct.pack(">q", int(n))                                     # an integer
def F(b): b = b.encode() if isinstance(b, str) else b; return struct.pack(">I", len(b)) + b
store, names, heads, log, last, first, cid = uuid.UUID(rows[1][0][0]).bytes, {}, {}, [], 0, 0, b""
for sid, name, category, slice_, created in rows[5]:
    names[sid], slot = name, str(int.from_bytes(sha(name.encode())[:2], "big") & 1023)
    check(int(sid), name, "stream", [name.split("-")[0], slot, sid], [category, slice_, created])
for at, (p, sid, version, eid, nth, kind, schema_version, ends, us, digest, command, payload, meta,
         effective) in enumerate(rows[14], 1):
    p, name, eid, nth, ends = int(p), names.get(sid, ""), uuid.UUID(eid).bytes, int(nth), int(ends)
    count, previous = heads.get(sid, (0, sha(b"recount/stream/1", F(store), F(name))))
    check(p, name, "position", at, p)
    check(p, name, "version", count + 1, int(version))
    if count == 0: check(p, name, "first position of the stream", p, int(sid))
    if p > last: last, first, cid = ends, p, eid[:14]                          # a commit begins
    check(p, name, "commit", [last, True, p - first], [ends, ends >= p, nth])
    check(p, name, "event id", (cid + nth.to_bytes(2, "big")).hex(), eid.hex())
    check(p, name, "hash", sha(b"recount/event/1", previous, F(name), I(version), F(eid), F(kind),
                               I(schema_version), F(I(effective) if effective else b""), F(command),
                               F(meta), sha(payload.encode())).hex(), digest)
    heads[sid] = (count + 1, bytes.fromhex(digest))
    log.append((I(ends) + bytes.fromhex(digest), us, ends))
link, end, before = sha(b"recount/links/1", F(store)), 0, 0
for last, first, us, digest in rows[4]:
    batch = log[int(first) - 1:int(last)] if int(last) else []
    if batch: link = sha(b"recount/link/1", link, I(first), I(last), I(us), *[b[0] for b in batch])
    check(int(last), "", "batch", [end + bool(batch), True, True, True],
          [int(first), all(b[1] == us for b in batch), all(b[2] <= int(last) for b in batch),
           before <= int(us)])
    check(int(last), "", "link", link.hex(), digest)
    link, end, before = bytes.fromhex(digest), int(last), int(us)
check(end, "", "end of the log", len(log), end)
print(json.dumps({"events": len(log), "streams": len(heads), "batches": len(rows[4]) - 1,
                  "bad": bad}))
sys.exit(6 if bad else 0)
