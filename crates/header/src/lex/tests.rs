use super::*;
use crate::source::{Origin, Sources};

/// Kinds and spellings of a text's tokens, without the end.
fn lex(text: &str) -> Vec<(TokenKind, String)> {
    let mut names = Interner::new();
    let text = Arc::new(Text::new("t.h", text.into()));
    let mut lexer = Lexer::new(text, Loc(0));
    let mut tokens = Vec::new();
    loop {
        let token = lexer.next(&mut names);
        if token.kind == TokenKind::End {
            return tokens;
        }
        tokens.push((token.kind, names.text(token.text).to_owned()));
    }
}

fn spellings(text: &str) -> Vec<String> {
    lex(text).into_iter().map(|(_, spelling)| spelling).collect()
}

#[track_caller]
fn one(text: &str, kind: TokenKind, spelling: &str) {
    assert_eq!(lex(text), [(kind, spelling.to_owned())], "{text}");
}

#[test]
fn longest_punctuation_wins() {
    // C11 6.4p6.
    assert_eq!(spellings("x+++++y"), ["x", "++", "++", "+", "y"]);
    assert_eq!(
        spellings("a>>=b>>c>=d->*e<=>f"),
        "a >>= b >> c >= d ->* e <=> f".split(' ').collect::<Vec<_>>()
    );
    assert_eq!(spellings("....*..."), ["...", ".*", "..."]);
}

#[test]
fn numbers_are_preprocessing_numbers() {
    // C11 6.4.8; 6.4p5: `1Ex` is one number that is no constant.
    for number in
        ["1Ex", "0x1p-3", "0xE+12", "1.5e+10f", ".5", "1'000'000", "0b1010u", "12ull", "1..2"]
    {
        one(number, TokenKind::Number, number);
    }
    assert_eq!(spellings("1+2"), ["1", "+", "2"]);
    assert_eq!(spellings("0xe-f"), ["0xe-f"]);
    assert_eq!(spellings("1'a'"), ["1'a", "'"]);
}

#[test]
fn literals_keep_prefix_and_quotes() {
    for literal in
        [r#""a\"b""#, r#"L"x""#, r#"u8"x""#, r#"U"""#, "R\"(a\n\"b)\"", "u8R\"x()\" )x\""]
    {
        one(literal, TokenKind::Str, literal);
    }
    for literal in ["'a'", r"'\''", "L'x'", "u8'x'", "'ab'", r"'\\'"] {
        one(literal, TokenKind::Char, literal);
    }
    assert_eq!(spellings(r#"LL"x" R'a'"#), ["LL", r#""x""#, "R", "'a'"]);
}

#[test]
fn an_unterminated_literal_goes_to_the_end_of_its_line() {
    assert_eq!(
        lex("don't\nx"),
        [
            (TokenKind::Ident, "don".into()),
            (TokenKind::Other, "'t".into()),
            (TokenKind::Ident, "x".into())
        ]
    );
    one("\"abc\\", TokenKind::Other, "\"abc\\");
    assert_eq!(lex("R\"x(a").len(), 1);
}

#[test]
fn lines_are_spliced_before_tokens_are_made() {
    // C11 5.1.1.2p1: phase 2 comes before phase 3.
    one("ab\\\ncd", TokenKind::Ident, "abcd");
    one("ab\\  \ncd", TokenKind::Ident, "abcd");
    one("1\\\r\n2", TokenKind::Number, "12");
    one("\"a\\\nb\"", TokenKind::Str, "\"ab\"");
    one("\"a\\\\\nn\"", TokenKind::Str, "\"a\\n\"");
    assert_eq!(spellings("<\\\n<\\\n= /\\\n* x *\\\n/ y"), ["<<=", "y"]);
    assert_eq!(spellings("// a \\\n b\nc"), ["c"]);
    assert_eq!(spellings("a \\ b"), ["a", "\\", "b"]);
}

#[test]
fn digraphs_are_the_same_tokens_with_their_own_spelling() {
    use Punct::*;
    let kinds: Vec<_> = lex("<: :> <% %> %: %:%: %:%").into_iter().map(|(kind, _)| kind).collect();
    let expected =
        [LeftBracket, RightBracket, LeftBrace, RightBrace, Hash, HashHash, Hash, Percent];
    assert_eq!(kinds, expected.map(TokenKind::Punct));
    assert_eq!(spellings("<:"), ["<:"]);
    // C++11 lex.pptoken p3.
    assert_eq!(spellings("a<::b"), ["a", "<", "::", "b"]);
    assert_eq!(spellings("a<::>"), ["a", "<:", ":>"]);
    assert_eq!(spellings("a<:::b"), ["a", "<:", "::", "b"]);
}

#[test]
fn identifiers_take_dollars_universal_names_and_letters_beyond_ascii() {
    one("a$b", TokenKind::Ident, "a$b");
    one("a\\u00c1b", TokenKind::Ident, "aÁb");
    one("\\u00C1", TokenKind::Ident, "Á");
    one("가격", TokenKind::Ident, "가격");
    assert_eq!(
        lex("@ \u{a0}").iter().map(|token| token.0).collect::<Vec<_>>(),
        [TokenKind::Other, TokenKind::Other]
    );
}

#[test]
fn comments_are_white_space_and_do_not_begin_lines() {
    let mut names = Interner::new();
    let text = Arc::new(Text::new("t.h", "/* a\n */ # x/**/y // z\n  b".into()));
    let mut lexer = Lexer::new(text, Loc(0));
    let flags: Vec<_> = (0..4)
        .map(|_| lexer.next(&mut names))
        .map(|token| (token.line_start, token.space))
        .collect();
    assert_eq!(flags, [(true, true), (false, true), (false, true), (true, true)]);
    assert_eq!(lexer.open_comment(), None);
}

#[test]
fn an_open_comment_is_noted_where_it_begins() {
    let mut names = Interner::new();
    let mut lexer = Lexer::new(Arc::new(Text::new("t.h", "a /* b".into())), Loc(7));
    while lexer.next(&mut names).kind != TokenKind::End {}
    assert_eq!(lexer.open_comment(), Some(Loc(9)));
}

#[test]
fn positions_count_characters_and_know_their_lines() {
    let mut sources = Sources::default();
    let text = Arc::new(Text::new("a.h", "int a;\n\t가 b;\n".into()));
    let at = sources.add(text, None, Origin::Main).expect("it is short");
    let position = sources.position(Loc(at.0 + 12));
    assert_eq!((&*position.file, position.line, position.column), ("a.h", 2, 4));
    assert_eq!(sources.line_text(Loc(at.0 + 12)), "\t가 b;");
}

#[test]
fn skipping_a_line_takes_comments_and_literals_with_it() {
    let mut names = Interner::new();
    let text = "don't \" /* \n x /* \n */ '/*' 1'0 /* \n */ y\n z R\"(\n/*)\" \" \n w";
    let mut lexer = Lexer::new(Arc::new(Text::new("t.h", text.into())), Loc(0));
    lexer.in_directive = true;
    let mut rests = Vec::new();
    for _ in 0..3 {
        lexer.skip_line();
        rests.push(lexer.loc().0);
        lexer.pos += 1;
    }
    let newlines: Vec<_> =
        text.match_indices('\n').map(|(at, _)| u32::try_from(at).expect("it is short")).collect();
    assert_eq!(rests, [newlines[0], newlines[3], newlines[5]]);
    let last = lexer.next(&mut names);
    assert_eq!(names.text(last.text), "w");
}
