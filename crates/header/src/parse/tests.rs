//! Facts about the declarations of a text, by the rules of the languages.

mod acceptance;
mod attributes;
mod classes;
mod declarators;
mod describe;
mod errors;
mod expressions;
mod limits;
mod support;
