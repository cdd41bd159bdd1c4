// Operations of TensorFlow's of our own, float32 throughout: their operands, and how they are registered.

#pragma once

#include <cstdint>
#include <cstdio>
#include <string>
#include <vector>

#include "tensorflow/c/ops.h"
#include "tensorflow/c/tf_datatype.h"
#include "tensorflow/c/tf_status.h"
#include "tensorflow/c/tf_tensor.h"

// Of tensorflow/c/kernels.h, which includes headers that are not shipped.
extern "C" {
struct TF_KernelBuilder;
struct TF_OpKernelConstruction;
struct TF_OpKernelContext;
TF_KernelBuilder* TF_NewKernelBuilder(const char*, const char*, void* (*)(TF_OpKernelConstruction*),
                                      void (*)(void*, TF_OpKernelContext*), void (*)(void*));
void TF_RegisterKernelBuilder(const char*, TF_KernelBuilder*, TF_Status*);
void TF_OpKernelConstruction_Failure(TF_OpKernelConstruction*, TF_Status*);
void TF_OpKernelConstruction_GetAttrFloat(TF_OpKernelConstruction*, const char*, float*, TF_Status*);
void TF_GetInput(TF_OpKernelContext*, int, TF_Tensor**, TF_Status*);
void TF_SetOutput(TF_OpKernelContext*, int, const TF_Tensor*, TF_Status*);
TF_Tensor* TF_AllocateOutput(TF_OpKernelContext*, int, TF_DataType, const int64_t*, int, size_t, TF_Status*);
void TF_OpKernelContext_Failure(TF_OpKernelContext*, TF_Status*);
}

namespace treenet {

// The operands of one call.
class Call {
 public:
  Call(TF_OpKernelContext* context, int inputs) : context_(context), status_(TF_NewStatus()), inputs_(inputs) {
    for (int i = 0; i < inputs && ok(); ++i) TF_GetInput(context, i, &inputs_[i], status_);
  }

  ~Call() {
    if (!ok()) TF_OpKernelContext_Failure(context_, status_);
    for (TF_Tensor* tensor : inputs_) {
      if (tensor != nullptr) TF_DeleteTensor(tensor);
    }
    for (TF_Tensor* tensor : outputs_) TF_DeleteTensor(tensor);
    TF_DeleteStatus(status_);
  }

  Call(const Call&) = delete;
  Call& operator=(const Call&) = delete;

  bool ok() const { return TF_GetCode(status_) == TF_OK; }

  // False where an operand has not so many numbers.
  bool expect(int i, int64_t count) {
    if (ok() && TF_TensorElementCount(inputs_[i]) != count) {
      const std::string text = "input " + std::to_string(i) + " has " +
          std::to_string(TF_TensorElementCount(inputs_[i])) + " numbers, expected " + std::to_string(count);
      TF_SetStatus(status_, TF_INVALID_ARGUMENT, text.c_str());
    }
    return ok();
  }

  int64_t dim(int i, int axis) const { return TF_NumDims(inputs_[i]) == 4 ? TF_Dim(inputs_[i], axis) : 0; }
  float* input(int i) const { return static_cast<float*>(TF_TensorData(inputs_[i])); }

  // The storage of an input becomes an output.
  void hand_over(int i, int output) { TF_SetOutput(context_, output, inputs_[i], status_); }

  // Null where it or one before it could not be had: every allocation begins by clearing the status.
  float* output(int i, const std::vector<int64_t>& shape) {
    if (!ok()) return nullptr;
    int64_t count = 1;
    for (const int64_t side : shape) count *= side;
    TF_Tensor* tensor = TF_AllocateOutput(context_, i, TF_FLOAT, shape.data(), static_cast<int>(shape.size()),
                                          sizeof(float) * count, status_);
    if (!ok()) return nullptr;
    outputs_.push_back(tensor);
    return static_cast<float*>(TF_TensorData(tensor));
  }

 private:
  TF_OpKernelContext* context_;
  TF_Status* status_;
  std::vector<TF_Tensor*> inputs_, outputs_;
};

// n images of c channels.
struct Shape {
  int64_t images, pixels, channels;
  Shape(const Call& call, int input)
      : images(call.dim(input, 0)), pixels(call.dim(input, 1) * call.dim(input, 2)), channels(call.dim(input, 3)) {}
  int64_t size() const { return pixels * channels; }
};

struct Attributes {
  float epsilon = 0;
};

inline void* read_attributes(TF_OpKernelConstruction* construction) {
  auto* attributes = new Attributes();
  TF_Status* status = TF_NewStatus();
  TF_OpKernelConstruction_GetAttrFloat(construction, "epsilon", &attributes->epsilon, status);
  if (TF_GetCode(status) != TF_OK) TF_OpKernelConstruction_Failure(construction, status);
  TF_DeleteStatus(status);
  return attributes;
}

inline void delete_attributes(void* attributes) { delete static_cast<Attributes*>(attributes); }

inline void add_operation(const char* name, const std::vector<const char*>& inputs, const std::vector<const char*>& outputs,
                   void (*compute)(void*, TF_OpKernelContext*)) {
  TF_Status* status = TF_NewStatus();
  TF_OpDefinitionBuilder* operation = TF_NewOpDefinitionBuilder(name);
  const auto typed = [](const char* name) { return std::string(name) + ": float"; };
  for (const char* input : inputs) TF_OpDefinitionBuilderAddInput(operation, typed(input).c_str());
  for (const char* output : outputs) TF_OpDefinitionBuilderAddOutput(operation, typed(output).c_str());
  TF_OpDefinitionBuilderAddAttr(operation, "epsilon: float");
  TF_RegisterOpDefinition(operation, status);
  if (TF_GetCode(status) == TF_OK) {
    TF_KernelBuilder* kernel = TF_NewKernelBuilder(name, "CPU", read_attributes, compute, delete_attributes);
    TF_RegisterKernelBuilder(name, kernel, status);
  }
  // Nobody is there to be told yet; whoever calls the operation learns that there is none.
  if (TF_GetCode(status) != TF_OK) std::fprintf(stderr, "Cannot add operation %s: %s\n", name, TF_Message(status));
  TF_DeleteStatus(status);
}

}  // namespace treenet
