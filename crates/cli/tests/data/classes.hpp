/* Classes that compilers place differently. */
#pragma once

struct Declares { Declares(); int i; char c; };
struct AfterDeclares : Declares { char d; };

struct Plain { int i; char c; };
struct AfterPlain : Plain { char d; };

class Hidden { int i; char c; };
struct AfterHidden : Hidden { char d; };

struct Empty { };
struct Other { };
struct Twice : Empty { Empty e; int x; };
struct Two : Empty, Other { int x; };
struct Addressless { int x; [[no_unique_address]] Empty e, f; char c; };

struct alignas(16) Wide { int a; };
struct AfterWide : Wide { int b; };

struct __attribute__((packed)) Refuses { char c; Declares n; char d; };
