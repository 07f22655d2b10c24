//! What `__has_attribute` and its like answer: as gcc 12 and clang 19, asked about each name that
//! appears in the compiler (test `operators_answer_as_the_compilers_do` asks again).

use cwire_layout::abi::Abi;

use super::predefined::Compiler;
use crate::Lang;
use crate::token::{Symbol, kw};

/// GNU attributes of gcc 12, those of all its targets together.
const GCC: &str = "\
access alias aligned alloc_align alloc_size altivec always_inline artificial assume_aligned \
callee_pop_aggregate_return cdecl cleanup cmse_nonsecure_call cmse_nonsecure_entry cold \
common const constructor copy deprecated designated_init destructor dllexport dllimport \
error fallthrough fastcall fentry_name fentry_section flatten force_align_arg_pointer format \
format_arg function_return gcc_struct gnu_inline hot ifunc indirect_branch indirect_return \
interrupt isr leaf long_call longcall malloc may_alias maybe_unused mode ms_abi \
ms_hook_prologue ms_struct naked no_address_safety_analysis no_caller_saved_registers no_icf \
no_instrument_function no_profile_instrument_function no_sanitize no_sanitize_address \
no_sanitize_coverage no_sanitize_thread no_sanitize_undefined no_split_stack no_stack_limit \
no_stack_protector nocf_check noclone nocommon nodirect_extern_access nodiscard noinline \
noipa nonnull nonstring noplt noreturn nothrow objc_nullability objc_root_class optimize \
packed patchable_function_entry pcs pure regparm retain returns_nonnull returns_twice \
scalar_storage_order section selectany sentinel shared short_call shortcall \
signed_bool_precision simd stdcall sysv_abi tainted_args target target_clones thiscall \
tls_model transaction_callable transaction_may_cancel_outer transaction_pure \
transaction_safe_dynamic transaction_unsafe transaction_wrap transparent_union unavailable \
uninitialized unused used vector_mask vector_size visibility volatile warn_if_not_aligned \
warn_unused warn_unused_result warning weak weakref zero_call_used_regs";

/// GNU attributes of clang 19.
const CLANG: &str = "\
aarch64_sve_pcs aarch64_vector_pcs abi_tag acquire_capability acquire_handle \
acquire_shared_capability acquired_after acquired_before address_space alias align_value \
aligned alloc_align alloc_size allocating always_destroy always_inline analyzer_noreturn \
annotate argument_with_type_tag artificial assert_capability assert_exclusive_lock \
assert_shared_capability assert_shared_lock assume assume_aligned availability \
available_only_in_default_eval_method blocking blocks bounded callable_when callback \
called_once capability carries_dependency cdecl cf_returns_retained cfi_canonical_jump_table \
clang_builtin_alias cleanup code_align cold common const constant constructor consumable \
consumable_auto_cast_state consumable_set_state_on_read convergent counted_by \
counted_by_or_null cpu_dispatch cpu_specific deprecated destructor diagnose_as_builtin \
diagnose_if disable_sanitizer_instrumentation disable_tail_calls enable_if \
enforce_read_only_placement enforce_tcb enforce_tcb_leaf enum_extensibility error \
exclude_from_explicit_instantiation exclusive_lock_function exclusive_locks_required \
exclusive_trylock_function ext_vector_type external_source_symbol fallthrough fastcall \
flag_enum flatten format format_arg global gnu_inline guarded_by guarded_var host hot ifunc \
init_priority intel_ocl_bicc intel_reqd_sub_group_size internal_linkage kernel launch_bounds \
leaf lifetimebound loader_uninitialized lock_returned lockable locks_excluded \
lto_visibility_public m68k_rtd malloc managed matrix_type may_alias maybe_undef \
mig_server_routine min_vector_width minsize mode ms_abi ms_struct musttail naked \
neon_polyvector_type neon_vector_type no_address_safety_analysis no_builtin no_destroy \
no_instrument_function no_profile_instrument_function no_randomize_layout no_sanitize \
no_sanitize_address no_sanitize_memory no_sanitize_thread no_speculative_load_hardening \
no_split_stack no_stack_protector no_thread_safety_analysis nocommon nodebug noderef \
noduplicate noescape noinline nomerge nonallocating nonblocking nonnull noreturn nosvm \
not_tail_called nothrow nouwtable ns_returns_retained optnone os_consumed overloadable \
ownership_holds ownership_returns ownership_takes packed param_typestate pascal \
pass_dynamic_object_size pass_object_size patchable_function_entry pcs pointer_with_type_tag \
preferred_name preferred_type preserve_all preserve_most preserve_none pt_guarded_by \
pt_guarded_var ptrauth_vtable_pointer pure randomize_layout regcall regparm reinitializes \
release_capability release_generic_capability release_handle release_shared_capability \
reqd_work_group_size require_constant_initialization requires_capability \
requires_shared_capability retain return_typestate returns_nonnull returns_twice \
scoped_lockable section selectany sentinel set_typestate shared shared_capability \
shared_lock_function shared_locks_required shared_trylock_function sized_by sized_by_or_null \
speculative_load_hardening standalone_debug stdcall suppress sysv_abi target target_clones \
target_version test_typestate thiscall tls_model transparent_union trivial_abi \
try_acquire_capability try_acquire_shared_capability type_tag_for_datatype type_visibility \
unavailable uninitialized unlock_function unsafe_buffer_usage unused use_handle used \
using_if_exists vector_size vectorcall visibility warn_unused warn_unused_result warning \
weak weak_import weakref work_group_size_hint zero_call_used_regs";

/// `__has_feature` of clang in C and C++.
const FEATURES: &str = "\
arc_cf_code_audited assume_nonnull attribute_analyzer_noreturn attribute_availability \
attribute_availability_app_extension attribute_availability_driverkit \
attribute_availability_in_templates attribute_availability_swift attribute_availability_tvos \
attribute_availability_watchos attribute_availability_with_message \
attribute_availability_with_replacement attribute_availability_with_strict \
attribute_cf_consumed attribute_cf_returns_not_retained attribute_cf_returns_on_parameters \
attribute_cf_returns_retained attribute_deprecated_with_message \
attribute_deprecated_with_replacement attribute_diagnose_if_objc attribute_ext_vector_type \
attribute_ns_consumed attribute_ns_consumes_self attribute_ns_returns_not_retained \
attribute_ns_returns_retained attribute_objc_ivar_unused attribute_objc_method_family \
attribute_overloadable attribute_unavailable_with_message attribute_unused_on_fields blocks \
c_thread_safety_attributes enumerator_attributes nullability nullability_nullable_result \
nullability_on_arrays nullability_on_classes objc_arc_fields objc_bool objc_bridge_id \
objc_bridge_id_on_typedefs objc_nonfragile_abi objc_property_explicit_atomic \
objc_protocol_qualifier_mangling objc_subscripting objc_weak_class ownership_holds \
ownership_returns ownership_takes pragma_stdc_cx_limited_range";

const FEATURES_C: &str =
    "c_alignas c_alignof c_atomic c_generic_selections c_static_assert objc_c_static_assert";

const FEATURES_CXX: &str = "\
cxx_access_control_sfinae cxx_aggregate_nsdmi cxx_alias_templates cxx_alignas cxx_alignof \
cxx_atomic cxx_attributes cxx_auto_type cxx_binary_literals cxx_constexpr \
cxx_constexpr_string_builtins cxx_contextual_conversions cxx_decltype cxx_decltype_auto \
cxx_decltype_incomplete_return_types cxx_default_function_template_args \
cxx_defaulted_functions cxx_delegating_constructors cxx_deleted_functions cxx_exceptions \
cxx_explicit_conversions cxx_generalized_initializers cxx_generic_lambdas cxx_implicit_moves \
cxx_inheriting_constructors cxx_init_captures cxx_inline_namespaces cxx_lambdas \
cxx_local_type_template_args cxx_noexcept cxx_nonstatic_member_init cxx_nullptr \
cxx_override_control cxx_range_for cxx_raw_string_literals cxx_reference_qualified_functions \
cxx_relaxed_constexpr cxx_return_type_deduction cxx_rtti cxx_rvalue_references \
cxx_static_assert cxx_strong_enums cxx_trailing_return cxx_unicode_literals \
cxx_unrestricted_unions cxx_user_literals cxx_variable_templates cxx_variadic_templates \
has_nothrow_assign has_nothrow_constructor has_nothrow_copy has_trivial_assign \
has_trivial_constructor has_trivial_copy has_trivial_destructor has_virtual_destructor \
is_abstract is_base_of is_class is_constructible is_convertible_to is_empty is_enum is_final \
is_literal is_pod is_polymorphic is_standard_layout is_trivial is_trivially_assignable \
is_trivially_constructible is_trivially_copyable is_union objc_cxx_static_assert \
underlying_type";

/// What `__has_extension` has beyond `__has_feature`.
const EXTENSIONS: &str = "\
c_attributes c_generic_selection_with_controlling_type cxx_fixed_enum \
define_target_os_macros gnu_asm gnu_asm_goto_with_outputs gnu_asm_goto_with_outputs_full \
matrix_types_scalar_division overloadable_unmarked pragma_clang_attribute_namespaces \
statement_attributes_with_gnu_syntax swiftasynccc swiftcc";

const EXTENSIONS_C: &str = "\
cxx_binary_literals";

const EXTENSIONS_CXX: &str = "\
c_alignas c_alignof c_atomic c_generic_selections c_static_assert \
cxx_attributes_on_using_declarations datasizeof objc_c_static_assert";

/// What `__has_builtin` knows in both languages, in C alone, and in C++ alone; functions of one
/// machine are left out.
const GCC_BUILTINS: [&str; 3] = [
    include_str!("builtins/gcc.txt"),
    include_str!("builtins/gcc-c.txt"),
    include_str!("builtins/gcc-cxx.txt"),
];
const CLANG_BUILTINS: [&str; 3] = [
    include_str!("builtins/clang.txt"),
    include_str!("builtins/clang-c.txt"),
    include_str!("builtins/clang-cxx.txt"),
];

/// Whether a name is an operator that takes a name in parentheses and is a number.
pub(super) fn is_operator(name: Symbol) -> bool {
    (kw::HAS_INCLUDE.0..=kw::BUILDING_MODULE.0).contains(&name.0)
}

/// The value of an operator (not `__has_include`) for the name in its parentheses.
pub(super) fn value(operator: Symbol, name: &str, abi: &Abi, lang: Lang) -> i64 {
    let clang = Compiler::of(abi) == Compiler::AppleClang;
    let plain = plain(name);
    match operator {
        kw::HAS_ATTRIBUTE => {
            let list = if clang { CLANG } else { GCC };
            i64::from(has(list, plain))
        }
        kw::HAS_CPP_ATTRIBUTE | kw::HAS_C_ATTRIBUTE => bracketed(operator, name, abi, lang),
        kw::HAS_BUILTIN => i64::from(has_builtin(name, clang, lang)),
        kw::HAS_FEATURE => i64::from(has_feature(plain, lang)),
        kw::HAS_EXTENSION => i64::from(has_feature(plain, lang) || has_extension(plain, lang)),
        kw::IS_IDENTIFIER => i64::from(!is_keyword(name)),
        kw::IS_TARGET_ARCH => {
            let arch = abi.triple().split('-').next().unwrap_or("");
            i64::from(name == arch || (name == "arm64" && arch == "aarch64"))
        }
        kw::IS_TARGET_VENDOR => i64::from(name == "apple"),
        kw::IS_TARGET_OS => i64::from(matches!(name, "macos" | "darwin" | "macosx")),
        _ => 0,
    }
}

/// A name without the underscores around it.
fn plain(name: &str) -> &str {
    name.strip_prefix("__").and_then(|name| name.strip_suffix("__")).unwrap_or(name)
}

fn has(list: &str, name: &str) -> bool {
    list.split_ascii_whitespace().any(|known| known == name)
}

fn has_builtin(name: &str, clang: bool, lang: Lang) -> bool {
    let [both, c, cxx] = if clang { CLANG_BUILTINS } else { GCC_BUILTINS };
    has(both, name) || has(if lang == Lang::C { c } else { cxx }, name)
}

fn has_feature(name: &str, lang: Lang) -> bool {
    has(FEATURES, name) || has(if lang == Lang::C { FEATURES_C } else { FEATURES_CXX }, name)
}

fn has_extension(name: &str, lang: Lang) -> bool {
    has(EXTENSIONS, name) || has(if lang == Lang::C { EXTENSIONS_C } else { EXTENSIONS_CXX }, name)
}

/// The year and month of an attribute in brackets, 1 for a vendor's, 0 for one that is not known.
fn bracketed(operator: Symbol, name: &str, abi: &Abi, lang: Lang) -> i64 {
    if let Some((vendor, name)) = name.split_once("::") {
        let name = plain(name);
        return i64::from(match (plain(vendor), Compiler::of(abi)) {
            ("gnu", Compiler::AppleClang) => has(CLANG, name) && has(GCC, name),
            ("gnu", Compiler::Gcc | Compiler::MinGw) => has(GCC, name),
            ("clang" | "_Clang", Compiler::AppleClang) => has(CLANG, name),
            ("msvc", Compiler::Msvc) => {
                matches!(
                    name,
                    "no_unique_address" | "intrinsic" | "forceinline" | "noinline" | "flatten"
                )
            }
            _ => false,
        });
    }
    let clang = Compiler::of(abi) == Compiler::AppleClang;
    match (plain(name), lang) {
        // gcc 12 does not know C23's, and finds its own of that name.
        ("noreturn", Lang::C) if operator == kw::HAS_CPP_ATTRIBUTE => 1,
        ("noreturn", Lang::C) if clang => 202_202,
        ("fallthrough", Lang::C) if clang => 201_910,
        ("deprecated", Lang::C) => 201_904,
        ("fallthrough", Lang::C) => 201_904,
        ("nodiscard", Lang::C) => 202_003,
        ("maybe_unused", Lang::C) => 202_106,
        ("noreturn" | "carries_dependency", Lang::Cxx) => 200_809,
        ("deprecated", Lang::Cxx) => 201_309,
        ("fallthrough" | "maybe_unused", Lang::Cxx) => 201_603,
        // cl.exe ignores the standard's spelling (`[[msvc::no_unique_address]]` counts), and says so.
        ("no_unique_address", Lang::Cxx) if Compiler::of(abi) == Compiler::Msvc => 0,
        ("likely" | "unlikely" | "no_unique_address", Lang::Cxx) => 201_803,
        ("nodiscard", Lang::Cxx) => 201_907,
        _ => 0,
    }
}

/// Whether clang's `__is_identifier` says no.
fn is_keyword(name: &str) -> bool {
    const KEYWORDS: &str = "auto break case char const continue default do double else enum extern \
float for goto if inline int long register restrict return short signed sizeof static struct switch \
typedef union unsigned void volatile while _Bool _Complex _Generic _Atomic _Static_assert _Noreturn \
_Alignas _Alignof _Thread_local _BitInt _Float16 _Nonnull _Nullable __int128 __attribute__ __typeof__ \
__auto_type";
    has(KEYWORDS, name)
}
