// Node's side of the TLS tests: `node peer.js server|client PORT DIR`. A server prints the port it
// took, a client sends records; either prints what it has seen, and ends by itself.
'use strict';
const fs = require('fs');
const tls = require('tls');
const [what, port, dir] = process.argv.slice(2);
const pem = (name) => fs.readFileSync(`${dir}/${name}`);

const watch = (socket) => {
  let bytes = 0;
  socket.on('data', (data) => {
    bytes += data.length;
  });
  socket.on('end', () => console.log('end after', bytes));
  socket.on('error', (error) => console.log(error.code));
  socket.on('close', (hadError) => console.log('close', hadError));
};

const peers = {
  // Sends back what it gets.
  server() {
    const options = {
      cert: pem('server.pem'), key: pem('server.key'), ca: pem('ca.pem'), requestCert: true,
    };
    const server = tls.createServer(options, (socket) => {
      server.close();
      console.log(socket.getProtocol(), socket.getPeerCertificate().subject.CN);
      watch(socket);
      socket.pipe(socket);
    });
    server.listen(0, '127.0.0.1', () => console.log(server.address().port));
  },
  // Sends records, and finishes.
  client() {
    const socket = tls.connect({
      port: Number(port), host: '127.0.0.1', servername: 'localhost', allowHalfOpen: true,
      ca: pem('ca.pem'), cert: pem('client.pem'), key: pem('client.key'),
    }, () => {
      console.log(socket.getProtocol(), socket.getPeerCertificate().subject.CN);
      const records = Buffer.alloc(24 * 10000);
      for (let b = 0; b < 10000; b += 1) {
        records.write('A', 24 * b, 'latin1');
        records.writeInt32LE(b, 24 * b + 4);
        records.write('hello', 24 * b + 8, 'latin1');
      }
      socket.end(records);
    });
    watch(socket);
  },
};
setTimeout(() => process.exit(3), 20000).unref();
peers[what]();
