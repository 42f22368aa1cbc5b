//lint:file-ignore SA1019 the driver's version 2 takes these parts away and
// offers nothing in their place; until then they spare us a codec of our own.

package mongo

import (
	"bytes"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"go.mongodb.org/mongo-driver/bson"
	"go.mongodb.org/mongo-driver/bson/bsoncodec"
	"go.mongodb.org/mongo-driver/bson/bsonrw"
)

// Marshal encodes a document as BSON with the names and the omissions that
// encoding/json would choose. Equal documents give equal bytes.
func (e *Engine) Marshal(document any) ([]byte, error) {
	var body bytes.Buffer
	writer, err := bsonrw.NewBSONValueWriter(&body)
	if err != nil {
		return nil, err
	}
	encoder, err := bson.NewEncoder(writer)
	if err != nil {
		return nil, err
	}
	if err := encoder.SetRegistry(registry); err != nil {
		return nil, err
	}
	if err := encoder.Encode(document); err != nil {
		return nil, err
	}
	return body.Bytes(), nil
}

// Unmarshal decodes a document from BSON. It ignores fields that the document
// does not have.
func (e *Engine) Unmarshal(body []byte, document any) error {
	decoder, err := bson.NewDecoder(bsonrw.NewBSONDocumentReader(body))
	if err != nil {
		return err
	}
	if err := decoder.SetRegistry(registry); err != nil {
		return err
	}
	return decoder.Decode(document)
}

// registry is the driver's own with the differences to encoding/json removed.
var registry = newRegistry()

func newRegistry() *bsoncodec.Registry {
	structs, err := bsoncodec.NewStructCodec(bsoncodec.StructTagParserFunc(jsonTags))
	if err != nil {
		panic(err) // it refuses nothing but a missing parser
	}
	// What is omitted when zero is marked by jsonTags alone.
	structs.EncodeOmitDefaultStruct = true
	// This is about embedded structs alone, whose exported fields count.
	structs.AllowUnexportedFields = true
	r := bson.NewRegistry()
	r.RegisterKindEncoder(reflect.Struct, structs)
	r.RegisterKindDecoder(reflect.Struct, structs)
	r.RegisterKindEncoder(reflect.Pointer, pointers{bsoncodec.NewPointerCodec()})
	r.RegisterKindEncoder(reflect.Map, bsoncodec.ValueEncoderFunc(encodeMap))
	r.RegisterKindEncoder(reflect.String, bsoncodec.ValueEncoderFunc(encodeString))
	return r
}

// jsonTags reads a field's json tag as encoding/json does.
func jsonTags(field reflect.StructField) (bsoncodec.StructTags, error) {
	tag := field.Tag.Get("json")
	if tag == "-" {
		return bsoncodec.StructTags{Skip: true}, nil
	}
	name, flags, _ := strings.Cut(tag, ",")
	isStruct := field.Type.Kind() == reflect.Struct
	if name == "" {
		name = field.Name
		if field.Anonymous && (isStruct || field.Type.Kind() == reflect.Pointer) {
			return bsoncodec.StructTags{Name: name, Inline: true}, nil
		}
	}
	tags := bsoncodec.StructTags{Name: name}
	for flag := range strings.SplitSeq(flags, ",") {
		switch flag {
		case "omitempty":
			// To encoding/json no struct is empty, not even the zero time.
			tags.OmitEmpty = tags.OmitEmpty || !isStruct
		case "omitzero":
			tags.OmitEmpty = true
		}
	}
	return tags, nil
}

// pointers says that only nil is empty. The driver would ask what it points
// to, and lose a zero that is there on purpose.
type pointers struct{ *bsoncodec.PointerCodec }

// IsTypeZero implements bsoncodec.CodecZeroer.
func (pointers) IsTypeZero(pointer any) bool { return reflect.ValueOf(pointer).IsNil() }

// encodeMap writes the keys in order, where the driver takes them as they
// come: the store compares encodings to see whether a document has changed.
func encodeMap(ec bsoncodec.EncodeContext, vw bsonrw.ValueWriter, m reflect.Value) error {
	if m.Type().Key().Kind() != reflect.String {
		return fmt.Errorf("the keys of a %s are no strings", m.Type())
	}
	if m.IsNil() {
		return vw.WriteNull()
	}
	encoder, err := ec.LookupEncoder(m.Type().Elem())
	if err != nil {
		return err
	}
	document, err := vw.WriteDocument()
	if err != nil {
		return err
	}
	keys := m.MapKeys()
	slices.SortFunc(keys, func(a, b reflect.Value) int { return strings.Compare(a.String(), b.String()) })
	for _, key := range keys {
		element, err := document.WriteDocumentElement(valid(key.String()))
		if err != nil {
			return err
		}
		if err := encoder.EncodeValue(ec, element, m.MapIndex(key)); err != nil {
			return err
		}
	}
	return document.WriteDocumentEnd()
}

func encodeString(_ bsoncodec.EncodeContext, vw bsonrw.ValueWriter, text reflect.Value) error {
	return vw.WriteString(valid(text.String()))
}
