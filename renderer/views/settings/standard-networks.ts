/** Networks that engines are compared on, with the settings that their registry entries start with. */
export const standardNetworks = [
  { value: 'mlp', label: 'MLP 784-300-100-10, batch 128', dataset: 'fashion-mnist-mini', batchSize: 128 },
  { value: 'lenet5', label: 'LeNet-5, batch 64', dataset: 'fashion-mnist-mini', batchSize: 64 },
  { value: 'resnet20', label: 'ResNet-20, batch 64', dataset: 'cifar10', batchSize: 64 },
] as const;

export const standardSparsities = ['0.8', '0.9', '0.95', '0.99'].map((value) => ({
  value,
  label: `${Number(value) * 100} % sparse`,
}));
