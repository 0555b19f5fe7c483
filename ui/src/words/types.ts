import { words } from "./words";

/** types are the types of properties, as they are called in the docs of a kind. */
export const types = words({
  "types.string": ["string", "문자열"],
  "types.text": ["text", "여러 줄 텍스트"],
  "types.int": ["int", "정수"],
  "types.float": ["float", "실수"],
  "types.bool": ["bool", "참/거짓"],
  "types.rune": ["one character", "글자 하나"],
  "types.choice": ["choice", "선택"],
  "types.list": ["list", "목록"],
  "types.map": ["map", "이름과 값"],
  "types.duration": ["duration", "시간 길이"],
  "types.bytes": ["bytes", "바이트 크기"],
  "types.expression": ["expression", "식"],
  "types.expression_map": ["map of expressions", "이름과 식"],
  "types.secret": ["secret", "시크릿"],
  "types.service": ["service", "서비스"],
  "types.schema": ["schema", "열 정의"],
});
