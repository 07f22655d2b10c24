//! Fuzz body of the parser: whatever the text, it is parsed or refused at a position.

use std::sync::Arc;

use crate::lex::Lexer;
use crate::source::{Origin, Sources, Text};
use crate::token::{Interner, TokenKind};
use crate::{Lang, Limits};

/// Lexes arbitrary bytes and parses them as C and as C++. A directive is a `#` and what follows.
pub fn parse(data: &[u8]) {
    let mut sources = Sources::default();
    let mut names = Interner::new();
    let text = String::from_utf8_lossy(data).into_owned();
    let text = Arc::new(Text::new("fuzz.h", text.into_boxed_str()));
    let Some(base) = sources.add(Arc::clone(&text), None, Origin::Main) else { return };
    let mut lexer = Lexer::new(text, base);
    let mut tokens = Vec::new();
    loop {
        let mut token = lexer.next(&mut names);
        if token.kind == TokenKind::End {
            break;
        }
        if token.kind == TokenKind::Other {
            // What the preprocessor refuses: here it stands for a pragma.
            token.kind = TokenKind::Pragma;
        }
        tokens.push(token);
    }
    for lang in [Lang::C, Lang::Cxx] {
        if let Err(error) = crate::parse::parse(&tokens, &names, &sources, lang, &Limits::default())
        {
            assert!(error.line() > 0, "a refusal has a position: {error}");
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    /// Words and marks that the grammar gives a meaning.
    #[rustfmt::skip]
    const WORDS: &[&str] = &[
        "int", "unsigned", "long", "char", "struct", "union", "enum", "class", "typedef", "const",
        "static", "extern", "inline", "typeof", "sizeof", "_Alignof", "alignas", "__attribute__",
        "__declspec", "_Atomic", "auto", "constexpr", "template", "typename", "namespace", "using",
        "operator", "public", "virtual", "friend", "explicit", "default", "delete", "requires",
        "concept", "decltype", "noexcept", "static_assert", "static_cast", "new", "try", "final",
        "override", "_Generic", "offsetof", "__extension__", "asm", "this", "nullptr", "_BitInt",
        "a", "b", "T", "X", "std", "packed", "aligned", "uint8_t", "1", "0", "0x1p3", "'a'", "\"s\"",
        "(", ")", "[", "]", "{", "}", "<", ">", ">>", "::", ":", ";", ",", ".", "->", "*", "&", "&&",
        "=", "==", "+", "-", "~", "!", "?", "...", "#", "@", "^", "\n",
    ];

    /// Declarations for the fuzzer to damage, tokens apart.
    const SEEDS: &[&str] = &[
        "typedef struct { unsigned a : 3 , b : ( 1 + 2 ) ; char * c [ sizeof ( int [ 2 ] ) ] ; } __attribute__ ( ( packed , aligned ( 4 ) ) ) S ;",
        "enum class E : std :: uint8_t { A = 1 << 3 , B = A | 2 } ; template < class T , int N = ( 3 > 2 ) > struct X { T a [ N ] ; } ;",
        "class D final : public A , virtual B < 3 > { D ( const D & ) = default ; ~ D ( ) ; int a { 1 } , b = f < int , 2 > ( 3 ) ; operator bool ( ) const ; } ;",
        "int ( * ( * f ) ( int ( * ) [ 3 ] , ... ) ) [ 2 ] = { [ 1 ] = 2 , ( int ) { 3 } , & ( struct s ) { . x = 1 } , x ? y : ( T ) - 1 } ;",
        "namespace a :: inline b { using c = d < e < int > > ; static_assert ( sizeof ( c ) == 4 , \"x\" ) ; extern \"C\" { int x ( 3 ) ; } }",
        "struct X { template < class T > X ( T t ) try : a ( t ) , b { 1 } { } catch ( ... ) { } friend class Y ; auto f ( ) const & noexcept -> decltype ( g ( ) ) ; } ;",
        "int x = _Generic ( 1 , int : offsetof ( struct s , a . b [ 2 ] ) , default : static_cast < unsigned char > ( 3 ) ) + [ & ] ( int a ) { return a ; } ;",
    ];

    proptest! {
        #[test]
        fn any_sequence_of_tokens_is_parsed_or_refused(
            words in prop::collection::vec(prop::sample::select(WORDS), 0..80),
        ) {
            super::parse(words.join(" ").as_bytes());
        }

        #[test]
        fn any_text_is_parsed_or_refused(text in "[ -~\n]{0,200}") {
            super::parse(text.as_bytes());
        }

        /// Real declarations with tokens left out, doubled or exchanged.
        #[test]
        fn damaged_declarations_are_parsed_or_refused(
            seed in prop::sample::select(SEEDS),
            edits in prop::collection::vec((any::<prop::sample::Index>(), 0..3_u8, prop::sample::select(WORDS)), 0..6),
        ) {
            let mut words: Vec<&str> = seed.split(' ').collect();
            for (at, edit, word) in edits {
                let at = at.index(words.len());
                match edit {
                    0 => { words.remove(at); }
                    1 => words.insert(at, word),
                    _ => words[at] = word,
                }
                if words.is_empty() {
                    words.push("x");
                }
            }
            super::parse(words.join(" ").as_bytes());
        }
    }
}
