//! Bodies of fuzz targets, one per kind of framing; stable tests call them too.
//!
//! Each takes arbitrary bytes, cuts them into chunks as the bytes themselves say, and asserts that
//! whatever the chunks, the same frames and the same end come out, that cutting terminates, and
//! that memory stays within a constant of the input.

use bytes::BytesMut;
use cwire_layout::abi::{Endian, X86_64Linux};

use super::{
    Chunks, Deframe, Delimited, Enframe, FixedRecords, FrameError, Head, LengthPrefixed, Lines,
    Plain, RESERVE_STEP,
};

/// [`Plain`]: what comes out, joined, is what went in.
pub fn plain(data: &[u8]) {
    let (cuts, stream) = split_at_most(data, 8);
    let frames = cut_up(Plain, chunks(cuts, stream)).0;
    assert!(frames.iter().all(|frame| !frame.is_empty()));
    assert_eq!(frames.concat(), stream);
}

/// [`Chunks`] of up to 32 bytes.
pub fn fixed_chunks(data: &[u8]) {
    let Some((&size, data)) = data.split_first() else { return };
    let size = usize::from(size % 32) + 1;
    let (frames, _) = same_whatever_the_chunks(&Chunks::new(size), data);
    rejoins(&mut Chunks::new(size), &frames, data);

    let runs = || Chunks::new(size).runs(true);
    let (cuts, stream) = split_at_most(data, 8);
    let (together, end) = cut_up(runs(), chunks(cuts, stream));
    let (single, same_end) = cut_up(Chunks::new(size), chunks(cuts, stream));
    assert_eq!((together.concat(), end), (single.concat(), same_end));
    assert!(together.iter().all(|run| !run.is_empty() && run.len() % size == 0));
}

/// [`LengthPrefixed`], with every head that can work.
pub fn length_prefixed(data: &[u8]) {
    let Some((&[len, at, width, flags, adjust, max], data)) = data.split_first_chunk() else {
        return;
    };
    let head = Head::new(usize::from(len % 24))
        .length_at(usize::from(at % 24))
        .length_width(usize::from(width % 9))
        .endian(if flags & 1 == 0 { Endian::Little } else { Endian::Big })
        .counts_head(flags & 2 != 0)
        .strip(flags & 4 != 0)
        .adjust(i64::from(adjust.cast_signed()))
        // Some heads may announce far more than will ever come.
        .max_frame_len(if max < 128 { usize::from(max) } else { usize::MAX });
    let Ok(framing) = LengthPrefixed::try_new(head) else { return };
    let (frames, _) = same_whatever_the_chunks(&framing, data);

    // What a head holds besides the length is lost when frames are stripped.
    let lossless = flags & 4 == 0 || (at % 24 == 0 && width % 9 == len % 24);
    if lossless {
        rejoins(&mut framing.clone(), &frames, data);
    }
}

/// [`Delimited`] with delimiters of one to four bytes.
pub fn delimited(data: &[u8]) {
    let Some((&[len, max], data)) = data.split_first_chunk() else { return };
    let (delimiter, data) = split_at_most(data, usize::from(len % 4) + 1);
    if delimiter.is_empty() {
        return;
    }
    let framing = Delimited::new(delimiter).max_frame_len(usize::from(max));
    let (frames, _) = same_whatever_the_chunks(&framing, data);
    assert!(frames.iter().all(|frame| frame.len() <= usize::from(max)));
    rejoins(&mut framing.clone(), &frames, data);
}

/// [`Lines`].
pub fn lines(data: &[u8]) {
    let Some((&max, data)) = data.split_first() else { return };
    let framing = Lines::new().max_frame_len(usize::from(max));
    let (frames, end) = same_whatever_the_chunks(&framing, data);
    assert!(frames.iter().flatten().all(|line| line.len() <= usize::from(max)));
    assert!(!matches!(end, Some(FrameError::Ended { .. } | FrameError::Unterminated { .. })));

    let mut again = BytesMut::new();
    for line in frames.iter().flatten() {
        // A CR at the very end of the stream is text that LF alone cannot carry.
        let crlf = line.ends_with('\r');
        framing.clone().crlf(crlf).put_frame(line, &mut again).expect("it was a line before");
    }
    let (lines, end) = cut_up(framing, std::iter::once(&again[..]));
    assert!(end.is_none());
    assert!(lines.iter().flatten().eq(frames.iter().flatten()));
}

/// [`FixedRecords`] of a type that not all bytes are a value of.
pub fn records(data: &[u8]) {
    type Three = [bool; 3];
    let framing = FixedRecords::<Three, X86_64Linux>::new();
    let (frames, end) = same_whatever_the_chunks(&framing, data);
    let stream = split_at_most(data, 8).1;
    assert_eq!((frames.len(), end.is_some()), (stream.len() / 3, !stream.len().is_multiple_of(3)));
    for (frame, bytes) in frames.iter().zip(stream.chunks_exact(3)) {
        assert_eq!(frame.is_ok(), bytes.iter().all(|&byte| byte < 2));
        if let Ok(record) = frame {
            let mut again = BytesMut::new();
            framing.clone().put_frame(record, &mut again).expect("every bool has a byte");
            assert_eq!(again, bytes);
        }
    }
}

/// The frames and the end of a stream in chunks; they must be those of the stream in one piece.
///
/// The first 8 bytes of `data` say where to cut the rest.
fn same_whatever_the_chunks<D>(framing: &D, data: &[u8]) -> (Vec<D::Frame>, Option<FrameError>)
where
    D: Deframe<Frame: std::fmt::Debug + PartialEq> + Clone,
{
    let (cuts, stream) = split_at_most(data, 8);
    let whole = cut_up(framing.clone(), std::iter::once(stream));
    assert_eq!(cut_up(framing.clone(), chunks(cuts, stream)), whole);
    assert_eq!(cut_up(framing.clone(), stream.chunks(1)), whole);
    whole
}

/// All frames of a stream that arrives in these chunks, and the error that it ends with.
fn cut_up<'a, D: Deframe>(
    mut deframer: D,
    chunks: impl Iterator<Item = &'a [u8]>,
) -> (Vec<D::Frame>, Option<FrameError>) {
    let mut frames = Vec::new();
    let mut buf = BytesMut::new();
    let mut arrived = 0;
    for chunk in chunks {
        buf.extend_from_slice(chunk);
        arrived += chunk.len();
        loop {
            match deframer.next_frame(&mut buf) {
                Ok(Some(frame)) => frames.push(frame),
                Ok(None) => break,
                Err(error) => return (frames, Some(error)),
            }
            assert!(frames.len() <= arrived, "a frame takes at least one byte");
        }
        assert!(buf.capacity() <= 2 * (arrived + RESERVE_STEP), "{} reserved", buf.capacity());
    }
    loop {
        match deframer.finish(&mut buf) {
            Ok(Some(frame)) => frames.push(frame),
            Ok(None) => break,
            Err(error) => return (frames, Some(error)),
        }
        assert!(frames.len() <= arrived, "a frame takes at least one byte");
    }
    assert!(buf.is_empty(), "the end between two frames leaves no bytes");
    (frames, None)
}

/// Frames put together again are the front of the stream that they were cut from.
fn rejoins<D: for<'a> Enframe<&'a [u8]>>(framing: &mut D, frames: &[bytes::Bytes], data: &[u8]) {
    let stream = split_at_most(data, 8).1;
    let mut again = BytesMut::new();
    for frame in frames {
        framing.put_frame(&frame[..], &mut again).expect("it was a frame before");
    }
    assert!(stream.starts_with(&again), "{stream:02x?} does not start with {again:02x?}");
}

/// `stream` in chunks whose lengths `cuts` says, over and over.
fn chunks<'a>(cuts: &'a [u8], mut stream: &'a [u8]) -> impl Iterator<Item = &'a [u8]> {
    let mut lens = cuts.iter().map(|&cut| usize::from(cut % 64) + 1).cycle();
    std::iter::from_fn(move || {
        let (chunk, rest) = split_at_most(stream, lens.next().unwrap_or(1));
        stream = rest;
        (!chunk.is_empty()).then_some(chunk)
    })
}

fn split_at_most(data: &[u8], at: usize) -> (&[u8], &[u8]) {
    data.split_at_checked(at).unwrap_or((data, &[]))
}
