// CTestData as Node programs read and write it: with Buffer calls at the offsets of x86-64 Linux.
//
//   node node_peer.js send PORT COUNT
//   node node_peer.js receive
'use strict';
const net = require('node:net');

const SIZE = 24; // a at 0, b at 4, c at 8 to 22

function write(i) {
  const buf = Buffer.alloc(SIZE);
  buf.write(String.fromCharCode(97 + (i % 26)), 0, 'latin1');
  buf.writeInt32LE(i % 2 ? -i : i, 4);
  buf.write(`record ${i}`, 8, 15, 'latin1');
  return buf;
}

function read(buf) {
  const text = buf.toString('latin1', 8, 23);
  const end = text.indexOf('\0');
  return `${buf.readInt8(0)} ${buf.readInt32LE(4)} ${end < 0 ? text : text.slice(0, end)}`;
}

if (process.argv[2] === 'send') {
  const count = Number(process.argv[4]);
  const socket = net.connect(Number(process.argv[3]), '127.0.0.1', () => {
    for (let i = 0; i < count; i++) socket.write(write(i));
    socket.end();
  });
  socket.resume();
} else {
  const server = net.createServer((socket) => {
    let rest = Buffer.alloc(0);
    const lines = [];
    socket.on('data', (data) => {
      rest = Buffer.concat([rest, data]);
      while (rest.length >= SIZE) {
        lines.push(read(rest));
        rest = rest.subarray(SIZE);
      }
    });
    socket.on('end', () => {
      process.stdout.write(lines.map((line) => `${line}\n`).join(''));
      console.error(`${rest.length} stray bytes`);
      server.close();
      socket.end();
    });
  });
  server.listen(0, '127.0.0.1', () => {
    console.error(`listening on 127.0.0.1:${server.address().port}`);
  });
}
