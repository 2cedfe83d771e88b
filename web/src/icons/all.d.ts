/** All icons as one module that shares none with the others: what ChatKit's names need would come with it. */
declare module "lucide/dist/umd/lucide.min.js" {
  const all: { icons: Record<string, import("lucide").IconNode> };
  export default all;
}
