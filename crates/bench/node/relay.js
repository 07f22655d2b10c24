// The relay benchmark's servers as they are usually written for Node: what one client sends goes to
// all the others (`hub`) or back (`echo`), chunk by chunk as it was read. A message may therefore
// be cut between two chunks, which is right as long as only one client sends.
//
//   node relay.js hub|echo    prints its port; ends when all its clients have left
'use strict';

const net = require('node:net');

const role = process.argv[2];
const clients = new Set();

const server = net.createServer((from) => {
  from.setNoDelay(true);
  clients.add(from);
  if (role === 'hub') {
    from.on('data', (d) => clients.forEach((c) => c !== from && c.write(d)));
  } else {
    from.on('data', (d) => from.write(d));
  }
  from.on('error', () => {}); // 'close' follows
  from.on('close', () => {
    clients.delete(from);
    if (clients.size === 0) server.close();
  });
});

server.listen(0, '127.0.0.1', () => console.log(server.address().port));
