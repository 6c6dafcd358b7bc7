//! Instructions of the kernel's virtual machine, written in Rust: what is loaded can be read here, and neither a compiler for it nor an
//! object file is needed (Linux, `Documentation/bpf/standardization/instruction-set.rst`).

/// One instruction as the kernel reads it: operation, registers, offset, immediate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(C)]
pub(crate) struct Instruction {
    operation: u8,
    registers: u8,
    offset: i16,
    immediate: i32,
}

/// A register. `R10` is the end of the stack, `R6` to `R9` outlive calls, `R0` holds what a call returns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Register {
    R0,
    R1,
    R2,
    R3,
    R4,
    R5,
    R6,
    R7,
    R8,
    R9,
    R10,
}

/// How many bytes a load or a store moves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Size {
    Word = 0x00,
    Half = 0x08,
    Byte = 0x10,
    Double = 0x18,
}

/// What is computed, on 64 bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Compute {
    Add = 0x00,
    Multiply = 0x20,
    And = 0x50,
    ShiftLeft = 0x60,
    ShiftRight = 0x70,
    Negate = 0x80,
    Xor = 0xA0,
    Move = 0xB0,
}

/// When a jump is taken; without a sign but for the last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum When {
    Equal = 0x10,
    Greater = 0x20,
    NotEqual = 0x50,
    Less = 0xA0,
    LessOrEqual = 0xB0,
    LessSigned = 0xC0,
}

/// What the kernel does on request (`include/uapi/linux/bpf.h`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(i32)]
pub(crate) enum Helper {
    MapLookup = 1,
    MonotonicNs = 5,
    AdjustHead = 44,
    BufferLength = 188,
}

/// A register or a number.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Operand {
    Register(Register),
    Number(i32),
}

impl From<Register> for Operand {
    fn from(register: Register) -> Self {
        Self::Register(register)
    }
}

impl From<i32> for Operand {
    fn from(number: i32) -> Self {
        Self::Number(number)
    }
}

/// A place to jump to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Label(usize);

/// A program is wrong in itself: no fault of the machine it would run on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum AssembleError {
    #[error("a place that is jumped to was never put")]
    Unplaced,
    #[error("a jump is longer than an instruction can say")]
    TooFar,
}

const LOAD: u8 = 0x61;
const STORE: u8 = 0x63;
const ATOMIC: u8 = 0xDB;
const FETCH: i32 = 0x01;
const WITH_REGISTER: u8 = 0x08;
const COMPUTE: u8 = 0x07;
const JUMP: u8 = 0x05;
const TO_BIG_ENDIAN: u8 = 0xDC;
const CALL: u8 = 0x85;
const EXIT: u8 = 0x95;
const LOAD_LONG: u8 = 0x18;

/// A program while it is written.
#[derive(Debug, Default)]
pub(crate) struct Assembler {
    instructions: Vec<Instruction>,
    labels: Vec<Option<usize>>,
    jumps: Vec<(usize, Label)>,
}

impl Assembler {
    fn push(&mut self, operation: u8, to: Register, from: Register, offset: i16, immediate: i32) {
        let registers = (from as u8) << 4 | to as u8;
        self.instructions.push(Instruction { operation, registers, offset, immediate });
    }

    /// A place that [`Assembler::put`] will put.
    pub(crate) fn label(&mut self) -> Label {
        self.labels.push(None);
        Label(self.labels.len() - 1)
    }

    /// The next instruction is what is jumped to.
    pub(crate) fn put(&mut self, label: Label) {
        self.labels[label.0] = Some(self.instructions.len());
    }

    /// `to` becomes what lies so far from `from`.
    pub(crate) fn load(&mut self, size: Size, to: Register, from: Register, offset: i16) {
        self.push(LOAD | size as u8, to, from, offset, 0);
    }

    /// Puts a register so far from `to`.
    pub(crate) fn store(&mut self, size: Size, to: Register, offset: i16, from: Register) {
        self.push(STORE | size as u8, to, from, offset, 0);
    }

    /// Adds to eight bytes of memory, whoever else does so at the same time. With `fetch` the register becomes what was there.
    pub(crate) fn add_in_memory(&mut self, to: Register, offset: i16, from: Register, fetch: bool) {
        self.push(ATOMIC, to, from, offset, if fetch { FETCH } else { 0 });
    }

    /// `to` becomes `to` with something done to it.
    pub(crate) fn compute(&mut self, what: Compute, to: Register, with: impl Into<Operand>) {
        match with.into() {
            Operand::Register(from) => self.push(COMPUTE | WITH_REGISTER | what as u8, to, from, 0, 0),
            Operand::Number(number) => self.push(COMPUTE | what as u8, to, Register::R0, 0, number),
        }
    }

    /// A number of more than 32 bits.
    pub(crate) fn number(&mut self, to: Register, number: u64) {
        let half = |shift: u32| u32::try_from(number >> shift & 0xFFFF_FFFF).unwrap_or(0).cast_signed();
        self.push(LOAD_LONG, to, Register::R0, 0, half(0));
        self.push(0, Register::R0, Register::R0, 0, half(32));
    }

    /// The map of a descriptor: a long number too, of the kind that is told where another instruction names `R1`.
    pub(crate) fn map(&mut self, to: Register, descriptor: i32) {
        self.push(LOAD_LONG, to, Register::R1, 0, descriptor);
        self.push(0, Register::R0, Register::R0, 0, 0);
    }

    /// The lower two bytes from or to the order of the network; the others become zero.
    pub(crate) fn swap_half(&mut self, register: Register) {
        self.push(TO_BIG_ENDIAN, register, Register::R0, 0, 16);
    }

    /// Goes on elsewhere when it is so.
    pub(crate) fn jump_when(&mut self, left: Register, when: When, right: impl Into<Operand>, to: Label) {
        self.jumps.push((self.instructions.len(), to));
        match right.into() {
            Operand::Register(right) => self.push(JUMP | WITH_REGISTER | when as u8, left, right, 0, 0),
            Operand::Number(number) => self.push(JUMP | when as u8, left, Register::R0, 0, number),
        }
    }

    /// Goes on elsewhere.
    pub(crate) fn jump(&mut self, to: Label) {
        self.jumps.push((self.instructions.len(), to));
        self.push(JUMP, Register::R0, Register::R0, 0, 0);
    }

    /// `R0` becomes what the kernel answers; `R1` to `R5` are gone.
    pub(crate) fn call(&mut self, helper: Helper) {
        self.push(CALL, Register::R0, Register::R0, 0, helper as i32);
    }

    /// Ends with a number.
    pub(crate) fn exit(&mut self, with: i32) {
        self.compute(Compute::Move, Register::R0, with);
        self.push(EXIT, Register::R0, Register::R0, 0, 0);
    }

    /// The program.
    pub(crate) fn finish(mut self) -> Result<Vec<Instruction>, AssembleError> {
        for (at, label) in self.jumps {
            let to = self.labels.get(label.0).copied().flatten().ok_or(AssembleError::Unplaced)?;
            // Counted from the instruction behind the jump.
            let steps = i64::try_from(to).unwrap_or(i64::MAX) - i64::try_from(at).unwrap_or(0) - 1;
            self.instructions[at].offset = i16::try_from(steps).map_err(|_| AssembleError::TooFar)?;
        }
        Ok(self.instructions)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Register::{R0, R1, R2, R6, R10};

    fn bytes(instructions: &[Instruction]) -> Vec<String> {
        let text =
            |one: &Instruction| format!("{:02x} {:02x} {} {}", one.operation, one.registers, one.offset, one.immediate);
        instructions.iter().map(text).collect()
    }

    #[test]
    fn instructions_are_as_the_kernel_reads_them_g4() {
        let mut program = Assembler::default();
        let end = program.label();
        program.load(Size::Word, R2, R1, 4);
        program.store(Size::Double, R10, -8, R6);
        program.compute(Compute::Add, R2, 14);
        program.compute(Compute::Move, R6, R1);
        program.jump_when(R2, When::Greater, R6, end);
        program.number(R1, 0x1122_3344_5566_7788);
        program.map(R1, 5);
        program.swap_half(R2);
        program.add_in_memory(R6, 16, R1, true);
        program.call(Helper::MapLookup);
        program.put(end);
        program.exit(2);
        assert_eq!(
            bytes(&program.finish().unwrap()),
            [
                "61 12 4 0",
                "7b 6a -8 0",
                "07 02 0 14",
                "bf 16 0 0",
                "2d 62 7 0",
                "18 01 0 1432778632",
                "00 00 0 287454020",
                "18 11 0 5",
                "00 00 0 0",
                "dc 02 0 16",
                "db 16 16 1",
                "85 00 0 1",
                "b7 00 0 2",
                "95 00 0 0"
            ]
        );
    }

    #[test]
    fn a_jump_to_nowhere_is_refused_before_the_kernel_sees_it_g4() {
        let mut program = Assembler::default();
        let nowhere = program.label();
        program.jump_when(R0, When::Equal, 0, nowhere);
        assert_eq!(program.finish(), Err(AssembleError::Unplaced));
        let mut program = Assembler::default();
        let far = program.label();
        program.jump(far);
        (0..40_000).for_each(|_| program.compute(Compute::Xor, R0, R0));
        program.put(far);
        program.exit(0);
        assert_eq!(program.finish(), Err(AssembleError::TooFar));
    }
}
