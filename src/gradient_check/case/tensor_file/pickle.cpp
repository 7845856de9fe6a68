#include "gradient_check/case/tensor_file/pickle.h"

#include <fmt/format.h>

#include <map>

#include "gradient_check/case/tensor_file/tensor_file.h"

namespace gradient_check {
namespace {

using Object = Pickled*;
using Kind = Pickled::Kind;

class Unpickler {
 public:
  explicit Unpickler(std::string_view bytes) : bytes_(bytes) {}

  Pickle run() && {
    for (;;) {
      const auto opcode = static_cast<unsigned char>(take(1)[0]);
      if (opcode == '.') {
        pickle_.root = pop();
        return std::move(pickle_);
      }
      step(opcode);
    }
  }

 private:
  [[noreturn]] static void damaged() { throw TensorFileError("the .pt file's pickle is damaged"); }

  std::string_view take(std::uint64_t count) {
    if (count > bytes_.size() - at_) damaged();
    const std::string_view taken = bytes_.substr(at_, count);
    at_ += count;
    return taken;
  }
  /// Little-endian, signed where `count` is 4 or 8 and the opcode says so.
  std::uint64_t number(std::size_t count) {
    std::uint64_t value = 0;
    const std::string_view taken = take(count);
    for (std::size_t i = count; i-- > 0;)
      value = value << 8U | static_cast<unsigned char>(taken[i]);
    return value;
  }
  std::string line() {
    const std::size_t end = bytes_.find('\n', at_);
    if (end == bytes_.npos) damaged();
    const std::string text(bytes_.substr(at_, end - at_));
    at_ = end + 1;
    return text;
  }

  Object pop() {
    if (stack_.empty() || (!marks_.empty() && marks_.back() >= stack_.size())) damaged();
    Object top = stack_.back();
    stack_.pop_back();
    return top;
  }
  std::vector<Object> pop_to_mark() {
    if (marks_.empty() || marks_.back() > stack_.size()) damaged();
    const auto first = stack_.begin() + static_cast<std::ptrdiff_t>(marks_.back());
    std::vector<Object> items(first, stack_.end());
    stack_.erase(first, stack_.end());
    marks_.pop_back();
    return items;
  }
  Pickled& top(Kind kind) {
    if (stack_.empty()) damaged();
    // What a call would give (an OrderedDict) holds its own items.
    if (stack_.back()->kind != kind && stack_.back()->kind != Kind::call) damaged();
    return *stack_.back();
  }
  Object make(Kind kind) {
    pickle_.objects.emplace_back();
    pickle_.objects.back().kind = kind;
    return &pickle_.objects.back();
  }
  void push(Object object) { stack_.push_back(object); }
  void push_integer(std::int64_t value) {
    push(make(Kind::integer));
    stack_.back()->integer = value;
  }
  void push_text(std::string_view text) {
    push(make(Kind::text));
    stack_.back()->text = text;
  }
  void push_tuple(std::vector<Object> items) {
    push(make(Kind::list));
    stack_.back()->items.assign(items.begin(), items.end());
  }
  void push_last(std::size_t count) {
    std::vector<Object> items(count);
    for (std::size_t i = count; i-- > 0;) items[i] = pop();
    push_tuple(std::move(items));
  }
  void memoize(std::uint64_t index) {
    if (stack_.empty()) damaged();
    memo_[index] = stack_.back();
  }
  void recall(std::uint64_t index) {
    const auto found = memo_.find(index);
    if (found == memo_.end()) damaged();
    push(found->second);
  }
  void push_global(const std::string& module, const std::string& name) {
    push(make(Kind::global));
    stack_.back()->text = module + " " + name;
  }
  void set_items(const std::vector<Object>& items) {
    if (items.size() % 2 != 0) damaged();
    Pickled& dictionary = top(Kind::dictionary);
    for (std::size_t i = 0; i < items.size(); i += 2)
      dictionary.entries.emplace_back(items[i], items[i + 1]);
  }
  void append(const std::vector<Object>& items) {
    Pickled& list = top(Kind::list);
    list.items.insert(list.items.end(), items.begin(), items.end());
  }
  void call() {
    Object call = make(Kind::call);
    const Object arguments = pop();
    call->callable = pop();
    call->items = arguments->items;
    push(call);
  }

  void step(unsigned char opcode) {
    if (step_constant(opcode) || step_container(opcode)) return;
    switch (opcode) {
      case 0x80:
        take(1);
        return;  // PROTO
      case 0x95:
        take(8);
        return;  // FRAME
      case 'q':
        memoize(number(1));
        return;  // BINPUT
      case 'r':
        memoize(number(4));
        return;  // LONG_BINPUT
      case 0x94:
        memoize(memo_.size());
        return;  // MEMOIZE
      case 'h':
        recall(number(1));
        return;  // BINGET
      case 'j':
        recall(number(4));
        return;    // LONG_BINGET
      case 'c': {  // GLOBAL
        const std::string module = line();
        push_global(module, line());
        return;
      }
      case 0x93: {  // STACK_GLOBAL
        const Object name = pop();
        push_global(pop()->text, name->text);
        return;
      }
      case 'R':
        call();
        return;  // REDUCE
      case 'b':
        pop();
        return;    // BUILD: an object's attributes
      case 'Q': {  // BINPERSID
        Object persistent = make(Kind::persistent);
        persistent->items = pop()->items;
        push(persistent);
        return;
      }
      default:
        throw TensorFileError(
            fmt::format("the .pt file's pickle holds more than tensors (opcode 0x{:02x}); save a "
                        "dictionary of tensors alone",
                        opcode));
    }
  }
  bool step_constant(unsigned char opcode) {
    switch (opcode) {
      case 'N':
        push(make(Kind::other));
        return true;  // NONE
      case 0x88:
        push_integer(1);
        return true;  // NEWTRUE
      case 0x89:
        push_integer(0);
        return true;  // NEWFALSE
      case 'J':
        push_integer(static_cast<std::int32_t>(number(4)));
        return true;  // BININT
      case 'K':
        push_integer(static_cast<std::int64_t>(number(1)));
        return true;  // BININT1
      case 'M':
        push_integer(static_cast<std::int64_t>(number(2)));
        return true;  // BININT2
      case 0x8a: {    // LONG1, two's complement
        const std::uint64_t size = number(1);
        if (size > 8) damaged();
        std::uint64_t value = number(size);
        if (size > 0 && size < 8 && (value >> (8 * size - 1) & 1U) != 0)
          value |= ~std::uint64_t{0} << (8 * size);
        push_integer(static_cast<std::int64_t>(value));
        return true;
      }
      case 'G':
        take(8);
        push(make(Kind::other));
        return true;  // BINFLOAT
      case 'X':
        push_text(take(number(4)));
        return true;  // BINUNICODE
      case 0x8c:
        push_text(take(number(1)));
        return true;  // SHORT_BINUNICODE
      default:
        return false;
    }
  }
  bool step_container(unsigned char opcode) {
    switch (opcode) {
      case '}':
        push(make(Kind::dictionary));
        return true;  // EMPTY_DICT
      case ']':
      case ')':
        push(make(Kind::list));
        return true;  // EMPTY_LIST, EMPTY_TUPLE
      case '(':
        marks_.push_back(stack_.size());
        return true;  // MARK
      case 't':
        push_tuple(pop_to_mark());
        return true;  // TUPLE
      case 0x85:
      case 0x86:
      case 0x87:
        push_last(opcode - 0x84U);
        return true;  // TUPLE1 to 3
      case 's': {     // SETITEM
        const Object value = pop(), key = pop();
        set_items({key, value});
        return true;
      }
      case 'u':
        set_items(pop_to_mark());
        return true;  // SETITEMS
      case 'a':
        append({pop()});
        return true;  // APPEND
      case 'e':
        append(pop_to_mark());
        return true;  // APPENDS
      default:
        return false;
    }
  }

  std::string_view bytes_;
  std::size_t at_ = 0;
  Pickle pickle_;
  std::vector<Object> stack_;
  std::vector<std::size_t> marks_;
  std::map<std::uint64_t, Object> memo_;
};

}  // namespace

Pickle read_pickle(std::string_view bytes) { return Unpickler(bytes).run(); }

}  // namespace gradient_check
