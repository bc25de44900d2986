// Command protocol writes the platform's protocol, with everything that it imports, as one
// serialized FileDescriptorSet to standard output.
package main

import (
	"log"
	"os"
	"sort"

	_ "github.com/opentdf/platform/protocol/go/authorization"
	_ "github.com/opentdf/platform/protocol/go/authorization/v2"
	_ "github.com/opentdf/platform/protocol/go/entity"
	_ "github.com/opentdf/platform/protocol/go/entityresolution"
	_ "github.com/opentdf/platform/protocol/go/entityresolution/v2"
	_ "github.com/opentdf/platform/protocol/go/kas"
	_ "github.com/opentdf/platform/protocol/go/policy/actions"
	_ "github.com/opentdf/platform/protocol/go/policy/attributes"
	_ "github.com/opentdf/platform/protocol/go/policy/dynamicvaluemapping"
	_ "github.com/opentdf/platform/protocol/go/policy/kasregistry"
	_ "github.com/opentdf/platform/protocol/go/policy/keymanagement"
	_ "github.com/opentdf/platform/protocol/go/policy/namespaces"
	_ "github.com/opentdf/platform/protocol/go/policy/obligations"
	_ "github.com/opentdf/platform/protocol/go/policy/registeredresources"
	_ "github.com/opentdf/platform/protocol/go/policy/resourcemapping"
	_ "github.com/opentdf/platform/protocol/go/policy/subjectmapping"
	_ "github.com/opentdf/platform/protocol/go/policy/unsafe"
	_ "github.com/opentdf/platform/protocol/go/wellknownconfiguration"
	_ "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/descriptorpb"
)

func main() {
	files := map[string]protoreflect.FileDescriptor{}
	protoregistry.GlobalFiles.RangeFiles(func(file protoreflect.FileDescriptor) bool {
		files[file.Path()] = file
		return true
	})
	written := map[string]bool{}
	set := &descriptorpb.FileDescriptorSet{}
	var add func(file protoreflect.FileDescriptor)
	add = func(file protoreflect.FileDescriptor) {
		if written[file.Path()] {
			return
		}
		written[file.Path()] = true
		imports := file.Imports()
		for i := 0; i < imports.Len(); i++ {
			add(imports.Get(i).FileDescriptor)
		}
		set.File = append(set.File, protodesc.ToFileDescriptorProto(file))
	}
	paths := make([]string, 0, len(files))
	for path := range files {
		paths = append(paths, path)
	}
	sort.Strings(paths)
	for _, path := range paths {
		add(files[path])
	}
	data, err := proto.MarshalOptions{Deterministic: true}.Marshal(set)
	if err != nil {
		log.Fatal(err)
	}
	if _, err := os.Stdout.Write(data); err != nil {
		log.Fatal(err)
	}
}
