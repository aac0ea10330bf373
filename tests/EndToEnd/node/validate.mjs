// Reads an OpenAPI document from the input and prints "valid", or what is wrong with it.
import { readFileSync } from "node:fs";
import { Validator } from "@seriousme/openapi-schema-validator";

const { valid, errors } = await new Validator().validate(JSON.parse(readFileSync(0, "utf8")));
console.log(valid ? "valid" : JSON.stringify(errors, null, 2));
