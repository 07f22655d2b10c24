// Node's side of the examples: `node peers.js WHAT [PORT]`. A client prints what it sees, a server
// first the port it took. Either ends by itself.
'use strict';
const net = require('net');
const [what, port] = process.argv.slice(2);
const connect = () => net.connect({ port: Number(port), host: '127.0.0.1' });
const lines = (socket, each) => {
  let rest = '';
  socket.setEncoding('utf8').on('data', (text) => {
    const parts = (rest + text).split('\n');
    rest = parts.pop();
    parts.forEach(each);
  });
};
const serve = (handler) => {
  const server = net.createServer({ allowHalfOpen: true }, (socket) => {
    server.close();
    handler(socket);
  });
  server.listen(0, '127.0.0.1', () => console.log(server.address().port));
};

const peers = {
  // Is greeted, and stays as long as it likes.
  hello() {
    const socket = connect();
    lines(socket, (line) => {
      console.log(line);
      socket.end('thank you\n');
    });
    socket.on('close', (error) => console.log('close', error));
  },
  // One of three talks; the two others hear it, and it does not hear itself.
  chat() {
    const all = [connect(), connect(), connect()];
    // What is said before somebody has joined is not for that one: two say that they are there
    // until the third has heard both.
    const here = new Set();
    let heard = 0;
    all.forEach((socket, index) => {
      const saying = index > 0 && setInterval(() => socket.write(`here ${index}\n`), 20);
      lines(socket, (line) => {
        if (line.startsWith('here')) {
          if (index === 0) here.add(line);
          if (here.size === 2 && !here.said) {
            here.said = true;
            all[0].write('hello\nworld\n');
          }
          return;
        }
        clearInterval(saying);
        console.log(index, line);
        heard += 1;
        if (heard === 4) all.forEach((open) => open.end());
      });
    });
  },
  // Says nothing until it is told farewell.
  silent() {
    const socket = connect();
    lines(socket, (line) => console.log(line));
    socket.on('end', () => console.log('end')).on('close', (error) => console.log('close', error));
  },
  // Two clients, one of which closes the server.
  closer() {
    const other = connect();
    other.on('connect', () => {
      const socket = connect();
      lines(socket, (line) => console.log(line));
      socket.on('connect', () => socket.write('close\n'));
      socket.on('close', (error) => console.log('close', error));
    });
    other.on('data', () => {}).on('close', (error) => console.log('other close', error));
  },
  // Sends back what it gets.
  echo() {
    serve((socket) => socket.pipe(socket));
  },
  // Parses C structs with Buffer calls, and answers with the same and `b` doubled.
  struct() {
    serve((socket) => {
      let rest = Buffer.alloc(0);
      socket.on('data', (data) => {
        rest = Buffer.concat([rest, data]);
        for (; rest.length >= 24; rest = rest.subarray(24)) {
          const text = rest.toString('latin1', 8, 23).replace(/\0.*$/s, '');
          console.log(rest.toString('latin1', 0, 1), rest.readInt32LE(4), text);
          const answer = Buffer.alloc(24, 0xee);
          answer.write('Z', 0, 'latin1');
          answer.writeInt32LE(2 * rest.readInt32LE(4), 4);
          answer.write('fifteen letters', 8, 'latin1');
          // Half now, half later: the boundaries are nobody's promise.
          socket.write(answer.subarray(0, 5));
          socket.write(answer.subarray(5));
        }
      });
      socket.on('end', () => socket.end());
    });
  },
};
setTimeout(() => process.exit(3), 20000).unref();
peers[what]();
